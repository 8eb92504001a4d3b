import { bytesToBase64 } from "@concordat/base";
import { beforeEach, describe, expect, it } from "vitest";
import { ContractRefusal } from "../contract-api/index.ts";
import { compareKeys } from "../encoding/names.ts";
import { approvalFromText, definitionFromText } from "../endorsement/definitions.ts";
import { encodeApplicationPolicy } from "../endorsement/policy-codec.ts";
import { parsePolicyText } from "../endorsement/policy-text.ts";
import { TransactionStub } from "../runtime/stub.ts";
import type { StateView } from "../runtime/view.ts";
import type { StateRow } from "../state/ports.ts";
import { lifecycleContract } from "./contract.ts";

const ORGANIZATIONS = JSON.stringify(["Org2MSP", "Org1MSP"]);
const PACKAGE_ID = `kv_1:${"0".repeat(64)}`;
const definition = (parts: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ name: "kv", version: "1.0", sequence: 1, ...parts });

describe("the lifecycle contract", () => {
  let rows: Map<string, StateRow>;
  let block: number;

  const view: StateView = {
    get: (_, key) => rows.get(key),
    async *range(_, start, end) {
      const all = [...rows.values()].sort((a, b) => compareKeys(a.key, b.key));
      yield* all.filter(({ key }) => compareKeys(key, start) >= 0 && (end === undefined || compareKeys(key, end) < 0));
    },
    history: async () => {
      throw new TypeError("Not asked for.");
    },
    query: async () => {
      throw new TypeError("Not asked for.");
    },
  };

  beforeEach(() => {
    rows = new Map();
    block = 1;
  });

  /** Runs a function as a client of the organization does, and commits what it wrote. */
  async function call(mspId: string, fn: string, ...args: readonly string[]) {
    const timestamp = { seconds: 1, nanos: 0 };
    const stub = new TransactionStub({ txId: "1", channelId: "ch1", namespace: "_lifecycle", timestamp }, view);
    const clientIdentity = { getMSPID: () => mspId, getID: () => "", getAttributeValue: () => null };
    const result = await lifecycleContract.functions[fn]?.({ stub, clientIdentity }, ...args);
    for (const { key, value } of stub.writes) {
      if (value !== undefined) rows.set(key, { namespace: "_lifecycle", key, value, version: { block, index: 0 } });
    }
    block++;
    return {
      result: String(result),
      reads: stub.reads.map(({ key }) => key),
      writes: stub.writes.map(({ key }) => key),
    };
  }

  const approve = (mspId: string, text = definition(), packageId = PACKAGE_ID) =>
    call(mspId, "Approve", text, packageId, mspId);
  const commit = (mspId: string, text = definition()) => call("Org1MSP", "Commit", text, mspId, ORGANIZATIONS);

  async function refusal(promise: Promise<unknown>): Promise<string> {
    const error: unknown = await promise.then(
      () => undefined,
      (reason) => reason,
    );
    if (!(error instanceof ContractRefusal)) throw new TypeError("It was not refused.");
    return error.message;
  }

  it("commits what the organizations have approved", async () => {
    expect((await approve("Org1MSP")).writes).toEqual(["approvals/Org1MSP/kv/1"]);
    const readiness = await call("Org2MSP", "CheckCommitReadiness", definition(), ORGANIZATIONS);
    expect(JSON.parse(readiness.result)).toEqual({ approvals: { Org1MSP: true, Org2MSP: false } });
    expect(await refusal(commit("Org2MSP"))).toBe("chaincode definition not agreed to by this org (Org2MSP)");
    await approve("Org2MSP", definition(), "");
    expect((await commit("Org1MSP")).writes).toEqual(["definitions/kv"]);
    const { result } = await call("Org1MSP", "QueryDefinition", "kv");
    expect(definitionFromText(result)).toEqual({
      name: "kv",
      version: "1.0",
      sequence: 1,
      endorsementPlugin: "escc",
      validationPlugin: "vscc",
      validationParameter: encodeApplicationPolicy({ kind: "channel", name: "Endorsement" }),
      initRequired: false,
    });
    const known = await call("Org1MSP", "QueryDefinition", "kv", ORGANIZATIONS);
    expect(JSON.parse(known.result)).toMatchObject({ sequence: 1, approvals: { Org1MSP: true, Org2MSP: true } });
    const all = await call("Org1MSP", "QueryDefinitions");
    expect(JSON.parse(all.result)).toEqual({ definitions: [JSON.parse(result)] });
  });

  it("reads and writes the same whichever organization's peer endorses a commit", async () => {
    await approve("Org1MSP");
    await approve("Org2MSP");
    const before = new Map(rows);
    const first = await commit("Org1MSP");
    rows = before;
    expect(await commit("Org2MSP")).toEqual(first);
    expect(first.reads).toEqual(["definitions/kv", "approvals/Org1MSP/kv/1", "approvals/Org2MSP/kv/1"]);
  });

  it("takes approval of exactly this definition only", async () => {
    await approve("Org1MSP");
    const policy = bytesToBase64(encodeApplicationPolicy(parsePolicyText("'Org1MSP.peer'")));
    for (const parts of [{ version: "1.1" }, { initRequired: true }, { validationParameter: policy }]) {
      expect(await refusal(commit("Org1MSP", definition(parts)))).toContain("not agreed to by this org (Org1MSP)");
    }
    // The defaults written out are the same definition.
    const written = definition({ endorsementPlugin: "escc", validationPlugin: "vscc", collections: "" });
    expect((await commit("Org1MSP", written)).writes).toEqual(["definitions/kv"]);
  });

  it("takes the next sequence only", async () => {
    expect(await refusal(approve("Org1MSP", definition({ sequence: 2 })))).toBe(
      "requested sequence 2 is larger than the next available sequence number 1",
    );
    expect(await refusal(approve("Org1MSP", definition({ sequence: 0 })))).toBe(
      "requested sequence is 0, but first definable sequence number is 1",
    );
    expect(await refusal(commit("Org1MSP", definition({ sequence: 3 })))).toBe(
      "requested sequence is 3, but new definition must be sequence 1",
    );
    await approve("Org1MSP");
    await commit("Org1MSP");
    await approve("Org1MSP", definition({ sequence: 2, version: "2.0" }));
    await commit("Org1MSP", definition({ sequence: 2, version: "2.0" }));
    expect(await refusal(approve("Org1MSP"))).toBe("currently defined sequence 2 is larger than requested sequence 1");
    expect(await refusal(commit("Org1MSP"))).toBe("requested sequence is 1, but new definition must be sequence 3");
  });

  it("takes the committed sequence again for another package, not for another definition", async () => {
    await approve("Org1MSP");
    expect(await refusal(approve("Org1MSP"))).toBe(
      "attempted to redefine uncommitted sequence (1) for namespace kv with unchanged content",
    );
    await approve("Org1MSP", definition(), "");
    await commit("Org1MSP");
    await approve("Org1MSP", definition(), PACKAGE_ID);
    const { result } = await call("Org1MSP", "QueryApproved", "Org1MSP", "kv", "1");
    expect(approvalFromText(result)?.packageId).toBe(PACKAGE_ID);
    expect(await refusal(approve("Org1MSP", definition({ version: "1.1" })))).toBe(
      "attempted to redefine the current committed sequence (1) for namespace kv with different parameters: expected Version '1.0' does not match passed Version '1.1'",
    );
    const parameter = bytesToBase64(encodeApplicationPolicy(parsePolicyText("'Org1MSP.peer'")));
    expect(
      await refusal(approve("Org1MSP", definition({ initRequired: true, validationParameter: parameter }))),
    ).toMatch(/: expected InitRequired 'false' does not match passed InitRequired 'true'$/);
    expect(await refusal(approve("Org1MSP", definition({ validationParameter: parameter })))).toMatch(
      /: expected ValidationParameter '12[0-9a-f]+' does not match passed ValidationParameter '0a[0-9a-f]+'$/,
    );
  });

  it("answers the newest approval when no sequence is asked for", async () => {
    for (let sequence = 1; sequence <= 10; sequence++) {
      await approve("Org1MSP", definition({ sequence }));
      if (sequence < 10) await commit("Org1MSP", definition({ sequence }));
    }
    const approved = async (sequence: string) =>
      approvalFromText((await call("Org2MSP", "QueryApproved", "Org1MSP", "kv", sequence)).result)?.sequence;
    expect([await approved(""), await approved("0"), await approved("9")]).toEqual([10, 10, 9]);
    expect(await refusal(call("Org2MSP", "QueryApproved", "Org2MSP", "kv", "1"))).toBe(
      "could not fetch approved chaincode definition (name: 'kv', sequence: '1') on channel 'ch1'",
    );
    for (const name of ["none", "_lifecycle", "a/b", ""]) {
      expect(await refusal(call("Org2MSP", "QueryDefinition", name))).toBe(`namespace ${name} is not defined`);
      expect(await refusal(call("Org2MSP", "QueryApproved", "Org1MSP", name, "0"))).toContain(`(name: '${name}'`);
    }
  });

  it("lets nobody approve for another organization", async () => {
    expect(await refusal(call("Org1MSP", "Approve", definition(), "", "Org2MSP"))).toContain(
      "cannot approve for Org2MSP",
    );
  });

  it.each([
    ["none", "an argument is no JSON"],
    ["[]", "no JSON object"],
    [definition({ name: "a.b" }), "invalid chaincode name 'a.b'. Names can only consist of alphanumerics"],
    [definition({ name: "lscc" }), "chaincode name 'lscc' is the name of a system chaincode"],
    [definition({ name: "_lifecycle" }), "error validating chaincode definition: invalid chaincode name '_lifecycle'."],
    [definition({ version: "1 0" }), "invalid chaincode version '1 0'. Versions can only consist of"],
    [definition({ version: "" }), "invalid chaincode version ''"],
    [definition({ sequence: "1" }), "no positive integer"],
    [definition({ sequence: 1.5 }), "no positive integer"],
    [definition({ collections: "CgA=" }), "private data collections are not supported yet"],
    [definition({ endorsementPlugin: "mine" }), "endorsement plugin 'mine' is not installed"],
    [definition({ validationPlugin: "mine" }), "validation plugin 'mine' is not installed"],
    [definition({ validationParameter: "AQID" }), "no endorsement policy"],
    [definition({ validationParameter: "?" }), "no endorsement policy"],
    [definition({ initRequired: "yes" }), "neither true nor false"],
    [definition({ other: 1 }), "unknown field 'other'"],
    [definition({ name: 1 }), "no text"],
  ])("refuses %s", async (text, words) => {
    expect(await refusal(approve("Org1MSP", text))).toContain(words);
  });

  it("refuses package ids and lists of organizations that are none", async () => {
    expect(await refusal(approve("Org1MSP", definition(), "kv"))).toContain("invalid package id");
    for (const list of ["", "{}", "[1]", '["a/b"]']) {
      expect(await refusal(call("Org1MSP", "Commit", definition(), "Org1MSP", list))).toMatch(/organization|JSON/);
    }
  });
});
