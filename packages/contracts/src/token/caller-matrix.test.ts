import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { refusalOf } from "../testing/calling-channel.ts";
import { MemoryChannel } from "../testing/memory-channel.ts";
import { callsOfMatrix } from "./caller-calls.fixture.ts";
import {
  afterExpiryMs,
  beforeExpiryMs,
  type CallerKind,
  CallerWorld,
  callers,
  persons,
} from "./caller-world.fixture.ts";
import { tokenContract } from "./contract.ts";
import { tokenRefusals } from "./refusals.ts";

/* Who may call what: caller-matrix.tsv, drawn from each method's own text in the document. Every cell is called, with arguments in order. */

const [header = "", ...lines] = readFileSync(new URL("./caller-matrix.tsv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const kinds = Object.keys(callers) as readonly CallerKind[];
const rows = lines.map((line) => {
  const [row = "", wording = "", ...rest] = line.split("\t");
  const [fn = "", state = ""] = row.split(/ (?=\()/);
  const cells = kinds.map((kind, index) => ({ kind, expected: rest[index] ?? "" }));
  return { row, fn, state, wording, cells, codes: (rest[kinds.length] ?? "").split(" or ") };
});

const timesMs: Readonly<Record<string, number>> = { "(expired)": afterExpiryMs, "(not expired)": beforeExpiryMs };

let world: CallerWorld;
beforeAll(async () => {
  world = await CallerWorld.open();
});

function callOf({ row, state }: (typeof rows)[number], kind: CallerKind) {
  const make = callsOfMatrix[row];
  if (make === undefined) throw new Error(`There are no arguments for ${row}.`);
  return { args: [JSON.stringify(make(world))], call: world.call(callers[kind], timesMs[state]) };
}

describe("the table", () => {
  it("has the callers as columns, and every function", () => {
    expect(header.split("\t")).toEqual(["function", "wording of the document", ...kinds, "refused with"]);
    expect(new Set(rows.map(({ fn }) => fn))).toEqual(new Set(Object.keys(tokenContract.functions)));
    expect(new Set(rows.map(({ row }) => row)).size).toBe(rows.length);
    expect(Object.keys(callsOfMatrix).sort()).toEqual(rows.map(({ row }) => row).sort());
  });

  it("allows or denies, and names the refusals of those that it denies", () => {
    for (const { row, cells, codes } of rows) {
      for (const { expected } of cells) expect(["allow", "deny"], row).toContain(expected);
      const named = codes.filter((code) => code !== "");
      expect(named.length > 0, row).toBe(cells.some(({ expected }) => expected === "deny"));
      for (const code of named) expect(Object.keys(tokenRefusals), row).toContain(code);
    }
  });
});

describe.each(rows.filter(({ fn }) => fn !== "init"))("$row: $wording", (row) => {
  it.each(row.cells)("$kind: $expected", async ({ kind, expected }) => {
    const { args, call } = callOf(row, kind);
    if (expected === "allow") {
      await world.channel.evaluate(row.fn, args, call);
      return;
    }
    const before = world.channel.dump();
    expect(row.codes).toContain(await refusalOf(world.channel.submit(row.fn, args, call)));
    expect(world.channel.dump()).toEqual(before);
  });
});

it.each(kinds)("init by the %s, once", async (kind) => {
  const channel = new MemoryChannel(tokenContract);
  const init = () =>
    channel.submit("init", [JSON.stringify(callsOfMatrix["init"]?.(world))], world.call(callers[kind]));
  await init();
  const before = channel.dump();
  expect(await refusalOf(init())).toBe("ALREADY_INITIALIZED");
  expect(channel.dump()).toEqual(before);
});

describe("beyond the columns", () => {
  const answer = async (fn: string, args: object, caller: { orgId: string; userId: string }) => {
    const text = await world.channel.evaluate(fn, [JSON.stringify(args)], world.call(caller));
    const parsed: unknown = JSON.parse(text);
    return parsed;
  };

  it.each(["getOnHoldDetailsWithOperationId", "getTransactionById", "releaseHoldTokens (expired)"])(
    "%s is the payee's as well",
    async (name) => {
      const row = rows.find((each) => each.row === name);
      if (row === undefined) throw new Error(`There is no row ${name}.`);
      const { args } = callOf(row, "owner");
      await world.channel.evaluate(row.fn, args, world.call(persons.payee, timesMs[row.state]));
    },
  );

  it.each([
    ["getOrgAdmins", "org admin elsewhere", ["AwayMSP chief"]],
    ["getOrgAdmins", "org auditor", ["HomeMSP chief", "HomeMSP deputy"]],
    ["getOrgAdmins", "token auditor", ["AwayMSP chief", "HomeMSP chief", "HomeMSP deputy"]],
    ["getOrgAuditors", "org auditor elsewhere", ["AwayMSP reviewer"]],
    ["getOrgAuditors", "org admin", ["HomeMSP deputy", "HomeMSP reviewer"]],
  ] as const)("%s tells the %s of %j", async (fn, kind, expected) => {
    // The shape that the document prints for both.
    const { admins } = (await answer(fn, {}, callers[kind])) as {
      readonly admins: readonly { readonly org_id: string; readonly user_id: string }[];
    };
    expect(admins.map(({ org_id, user_id }) => `${org_id} ${user_id}`).sort()).toEqual(expected);
  });

  it("a token admin cannot remove itself", async () => {
    const before = world.channel.dump();
    const root = callers["token admin"];
    expect(await refusalOf(world.channel.submit("removeTokenAdmin", [JSON.stringify(root)], world.call(root)))).toBe(
      "SELF_REMOVAL",
    );
    expect(world.channel.dump()).toEqual(before);
  });

  it.each([
    ["the same user of another organization", { orgId: "AwayMSP", userId: "root" }],
    ["another user of the same organization", { orgId: "HubMSP", userId: "Root" }],
    ["ids whose joint text is a token admin's", { orgId: "HubMSPr", userId: "oot" }],
  ])("%s is not the token admin", async (_what, caller) => {
    const call = world.channel.evaluate("getAllTokenAdmins", ["{}"], world.call(caller));
    expect(await refusalOf(call)).toBe("NOT_AUTHORIZED");
  });

  it("a caller without a user id is nobody", async () => {
    const call = { ...world.call(callers["token admin"]), attributes: {} };
    expect(await refusalOf(world.channel.evaluate("getAllTokens", ["{}"], call))).toBe("NOT_AUTHORIZED");
  });

  it("the attribute `principal` names a caller that has no enrollment id, and no other", async () => {
    const { orgId, userId } = callers["token admin"];
    const as = (attributes: Readonly<Record<string, string>>) =>
      world.channel.evaluate("getAllTokens", ["{}"], { ...world.call(callers.stranger), mspId: orgId, attributes });
    await as({ principal: userId });
    expect(await refusalOf(as({ "hf.EnrollmentID": "someone", principal: userId }))).toBe("NOT_AUTHORIZED");
  });
});
