import type { Networks } from "@concordat/platform";
import { exampleContract, exampleInstalled, exampleStatus } from "../native/routes/contract-fields.ts";
import { exampleChannel, exampleNetwork, exampleNode } from "../native/routes/network-fields.ts";

/** The zip of a connection, and what a contract's function `binary` answers. */
export const FAKE_ZIP = new Uint8Array([0x50, 0x4b, 0x05, 0x06, 0xff]);

const created: Awaited<ReturnType<Networks["create"]>>["job"] = {
  jobId: "7d3b0a52-0c0f-4a7e-9d24-0c2d6c1a4f11",
  tenantId: exampleNetwork.tenantId,
  projectId: exampleNetwork.projectId,
  uid: "1000000000000001",
  kind: "createNetwork",
  resource: { kind: "network", id: exampleNetwork.networkId, name: exampleNetwork.name },
  status: "running",
  steps: [],
  progress: 0,
  output: {},
  error: null,
  createdMs: 1,
  updatedMs: 1,
  startedMs: null,
  endedMs: null,
};

/** One network with one of everything, for tests of the dialect: remembers what it is called with, and refuses when told to. */
export class FakeNetworks implements Networks {
  /** Arguments after the caller, by method; the latest. */
  readonly calls = new Map<string, readonly unknown[]>();
  networks = [exampleNetwork];
  #failure: Error | undefined;

  fail(error: Error): void {
    this.#failure = error;
  }

  #enter<Answer>(method: string, input: readonly unknown[], answer: Answer): Promise<Answer> {
    this.calls.set(method, input);
    const failure = this.#failure;
    this.#failure = undefined;
    return failure === undefined ? Promise.resolve(answer) : Promise.reject(failure);
  }

  readonly create: Networks["create"] = (_caller, input) =>
    this.#enter("create", [input], {
      network: { ...exampleNetwork, name: input.name, status: "creating" as const },
      job: created,
    });
  readonly list: Networks["list"] = (_caller) => this.#enter("list", [], this.networks);
  readonly get: Networks["get"] = (_caller, ...input) => this.#enter("get", input, exampleNetwork);
  readonly delete: Networks["delete"] = (_caller, ...input) => this.#enter("delete", input, undefined);
  readonly listNodes: Networks["listNodes"] = (_caller, ...input) => this.#enter("listNodes", input, [exampleNode]);
  readonly startNode: Networks["startNode"] = (_caller, ...input) => this.#enter("startNode", input, exampleNode);
  readonly stopNode: Networks["stopNode"] = (_caller, ...input) =>
    this.#enter("stopNode", input, { ...exampleNode, state: "stopped" as const, listening: false });
  readonly createChannel: Networks["createChannel"] = (_caller, ...input) =>
    this.#enter("createChannel", input, exampleChannel);
  readonly listChannels: Networks["listChannels"] = (_caller, ...input) =>
    this.#enter("listChannels", input, [exampleChannel]);
  readonly joinChannel: Networks["joinChannel"] = (_caller, ...input) =>
    this.#enter("joinChannel", input, [exampleNode]);
  readonly installContract: Networks["installContract"] = (_caller, input) =>
    this.#enter("installContract", [input], { ...exampleInstalled, sizeBytes: input.packageBytes.length });
  readonly listInstalledContracts: Networks["listInstalledContracts"] = (_caller, ...input) =>
    this.#enter("listInstalledContracts", input, [
      { ...exampleInstalled, nodeId: exampleNode.nodeId, mspId: exampleNode.mspId },
    ]);
  readonly approveContract: Networks["approveContract"] = (_caller, ...input) =>
    this.#enter("approveContract", input, outcomeOf(""));
  readonly checkCommitReadiness: Networks["checkCommitReadiness"] = (_caller, ...input) =>
    this.#enter("checkCommitReadiness", input, { approvals: { Org1MSP: true, Org2MSP: false }, ready: false });
  readonly commitContract: Networks["commitContract"] = (_caller, ...input) =>
    this.#enter("commitContract", input, exampleContract);
  readonly listContracts: Networks["listContracts"] = (_caller, ...input) =>
    this.#enter("listContracts", input, [
      {
        ...exampleContract,
        organizations: [
          { mspId: "Org1MSP", packageId: null, status: null },
          {
            mspId: "Org2MSP",
            packageId: exampleStatus.packageId,
            status: { ...exampleStatus, mspId: "Org2MSP", state: "failed" as const, reason: "It exited with code 1." },
          },
        ],
      },
    ]);
  readonly startContract: Networks["startContract"] = (_caller, ...input) =>
    this.#enter("startContract", input, [exampleStatus]);
  readonly stopContract: Networks["stopContract"] = (_caller, ...input) =>
    this.#enter("stopContract", input, [{ ...exampleStatus, state: "stopped" as const, processId: null }]);
  readonly invokeContract: Networks["invokeContract"] = (_caller, ...input) =>
    this.#enter("invokeContract", input, outcomeOf("done"));
  readonly queryContract: Networks["queryContract"] = (_caller, ...input) =>
    this.#enter("queryContract", input, { result: "1", resultIsBase64: false });
  readonly contractLogs: Networks["contractLogs"] = (_caller, ...input) =>
    this.#enter("contractLogs", input, [{ mspId: "Org1MSP", timeMs: 5, stream: "stdout" as const, text: "ready" }]);
  readonly createConnection: Networks["createConnection"] = (_caller, ...input) =>
    this.#enter("createConnection", input, { fileName: "demo.zip", bytes: FAKE_ZIP });
}

function outcomeOf(result: string) {
  return { txId: "ab".repeat(32), block: 4, validationCode: "VALID", result, resultIsBase64: false };
}
