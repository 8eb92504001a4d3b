import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { AccessKey, Answer } from "../support/aliyun.ts";
import { ltlCalls } from "../support/ltl-calls.ts";
import { codeOf, createLtlWorld, LtlSetup, type LtlWorld } from "../support/ltl-world.ts";
import { newInstallation, type RunningServer, startServer } from "../support/server.ts";

/**
 * Who may use which action: the table beside this file, drawn from section 4.2.1 and the tables of each action's own section of the LTL
 * document; that a locked member may do nothing is section 3.1.1's. Every cell is called over HTTP, with parameters that are in order.
 */
const people = ["administrator", "member", "locked member", "other chain's member", "unknown user"] as const;
type Person = (typeof people)[number];

const [header = "", ...lines] = readFileSync(new URL("./ltl-permissions.tsv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split("\t"));
const cells = lines.flatMap(([action = "", section = "", ...expected]) =>
  people.map((person, index) => ({ action, section, person, expected: expected[index] ?? "" })),
);

/** What a cell of the table means at the wire. */
const answers: Readonly<Record<string, readonly [status: number, code: string]>> = {
  allow: [200, "200"],
  deny: [403, "NoPermission"],
  unknown: [404, "InvalidAccessKeyId.NotFound"],
};

let server: RunningServer;
let world: LtlWorld;
let setup: LtlSetup;

beforeAll(async () => {
  server = await startServer(await newInstallation("permissions"));
  setup = new LtlSetup(server);
  world = await createLtlWorld(server, setup);
  return async () => {
    world.caller.close();
    await server.stop();
  };
});

function keyOf(person: Person): AccessKey {
  const keys: Readonly<Record<Person, AccessKey>> = {
    administrator: world.administrator.key,
    member: world.member.key,
    "locked member": world.locked.key,
    "other chain's member": world.elsewhere.key,
    "unknown user": world.unknown,
  };
  return keys[person];
}

/** What the call is about: the person's own things, where it has any on these chains. */
function actorOf(person: Person) {
  if (person === "member") return world.member;
  return person === "locked member" ? world.locked : world.administrator;
}

test("the table has each of the 45 actions once, and these columns", () => {
  expect(header).toEqual(["action", "section", ...people]);
  expect(lines.map(([action]) => action)).toEqual(Object.keys(ltlCalls));
  expect(lines).toHaveLength(45);
  expect(new Set(lines.map(([, section]) => section)).size).toBe(45);
});

describe.each(people)("%s", (person) => {
  test.each(cells.filter((cell) => cell.person === person))("$action: $expected (section $section)", async (cell) => {
    const parameters = await ltlCalls[cell.action]?.(world, actorOf(person), setup);
    if (parameters === undefined) throw new Error(`There is no call of ${cell.action}.`);
    const before = await prints();
    const answer = await world.caller.call(cell.action, parameters, { method: "POST", key: keyOf(person) });
    expectCell(cell.expected, cell.action, answer);
    if (cell.expected !== "allow") expect(await prints()).toEqual(before);
  });
});

function expectCell(expected: string, action: string, answer: Answer): void {
  if (expected === "listed" || expected === "not listed") {
    const { PageData = [] } = (answer.body["Data"] ?? {}) as { PageData?: { BizChainId: string }[] };
    const chain = action === "ListProofChain" ? world.proof : world.collaboration;
    expect(codeOf(answer), answer.text).toBe("200");
    expect(PageData.some(({ BizChainId }) => BizChainId === chain.bizChainId)).toBe(expected === "listed");
    return;
  }
  const wanted = answers[expected];
  if (wanted === undefined) throw new Error(`The table has an unknown cell: ${expected}.`);
  expect([answer.status, codeOf(answer)], answer.text).toEqual(wanted);
}

/** Height and state of both chains. */
function prints() {
  const channels = [world.proof.channelId, world.collaboration.channelId];
  return Promise.all(channels.map((channelId) => world.native.ledgerPrint(channelId)));
}
