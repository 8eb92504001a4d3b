import { setTimeout as pause } from "node:timers/promises";
import { verifyReceipt } from "@concordat/verifier";
import { nodeCrypto } from "@concordat/verifier/node";
import { expect, test } from "vitest";
import { CrashClient } from "../support/crash-client.ts";
import type { CrashPart } from "../support/crash-model.ts";
import { queryControlStore } from "../support/data-files.ts";
import { DeviceGroups } from "../support/ltl-crash-devices.ts";
import { EvidenceWrites } from "../support/ltl-crash-evidence.ts";
import { MemberChanges } from "../support/ltl-crash-members.ts";
import { PhaseModels } from "../support/ltl-crash-models.ts";
import { Seat } from "../support/ltl-crash-seats.ts";
import { PhaseUploads } from "../support/ltl-crash-uploads.ts";
import { type CrashWorld, crashDevice, createCrashWorld, usersOfAccounts } from "../support/ltl-crash-world.ts";
import { LtlSetup } from "../support/ltl-world.ts";
import { createNativeApi } from "../support/native.ts";
import { createChooser, runSeed } from "../support/seed.ts";
import { type Installation, newInstallation, type RunningServer, runCommand, startServer } from "../support/server.ts";

/* Every kind of change that Aliyun's dialect has, many at a time, and a server that is killed amid them. */

const ROUNDS = 10;
const LIFE_MS = { min: 100, max: 4_000 };
const RECEIPTS_CHECKED = 300;
const SEATS = 3;
const USERS_OF_SEAT = 3;
const ACCOUNTS = 10;

async function createUploads(world: CrashWorld, setup: LtlSetup): Promise<CrashPart[]> {
  const parts: CrashPart[] = [];
  for (const kind of ["text", "digest"] as const) {
    for (const isBatch of [false, true]) {
      for (const signed of [false, true]) {
        const phase = world.phases[parts.length % world.phases.length];
        if (phase === undefined) throw new Error("There are no phases.");
        const device = signed ? { device: await crashDevice(setup, world.collaboration) } : {};
        parts.push(new PhaseUploads(world, { name: `upload-${parts.length}`, kind, isBatch, phase, ...device }));
      }
    }
  }
  return parts;
}

async function createParts(server: RunningServer, world: CrashWorld, setup: LtlSetup): Promise<readonly CrashPart[]> {
  const users = [...(await usersOfAccounts(server, setup, { accounts: ACCOUNTS, usersEach: 5 }))];
  const seats: CrashPart[] = [];
  for (let count = 0; count < SEATS; count += 1) {
    seats.push(await Seat.create(world, setup, users.splice(0, USERS_OF_SEAT)));
  }
  return [
    ...(await createUploads(world, setup)),
    new EvidenceWrites(world, "plain"),
    new EvidenceWrites(world, "signed", await crashDevice(setup, world.proof)),
    new PhaseModels(world),
    new MemberChanges(world, "proof", users),
    new MemberChanges(world, "collaboration", users),
    await DeviceGroups.create(world, setup, { devices: 2, products: 30 }),
    ...seats,
  ];
}

/** What was acknowledged is refused when the very same call comes again. @returns how many calls came again */
async function expectReplaysRefused(client: CrashClient): Promise<number> {
  const answers = [...(await client.replay())];
  for (const [action, code] of answers) expect(code, action).toBe("SignatureNonceUsed");
  return answers.length;
}

async function expectReceiptsValid({ bootstrap }: RunningServer, txIds: readonly string[]): Promise<void> {
  const native = createNativeApi(bootstrap);
  const trust = await native.trustBundle();
  for (const txId of txIds) {
    const { status, reasons, facts } = verifyReceipt(await native.receipt(txId), trust, nodeCrypto);
    expect({ status, reasons, txId: facts?.txId }).toEqual({ status: "valid", reasons: [], txId });
  }
}

/** Members whose place was being given to another RAM user, or who were coming on the chain, when the server was killed. */
async function unfinishedPlaces({ dataFolder }: Installation) {
  const rows = await queryControlStore(dataFolder, (database) =>
    database.prepare("SELECT former_uid AS former FROM memberships WHERE status = 'joining'").all(),
  );
  const handedOver = rows.filter(({ former }) => former !== null).length;
  return { handedOver, coming: rows.length - handedOver };
}

function report({ acknowledged, unanswered, fates, txIds }: CrashClient): void {
  const of = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([action, count]) => `${action} ${count}`).join(", ");
  console.log(
    `acknowledged: ${of(acknowledged)}\nunanswered: ${of(unanswered)}\nof these: ${of(fates)}\n${txIds.length} transactions`,
  );
}

/** All that change something. */
const ACTIONS = 26;

test(`what Aliyun's calls have changed stands after each of ${ROUNDS} kills amid all kinds of them`, async () => {
  const choose = createChooser(runSeed("ltl-crash"));
  const installation = await newInstallation("ltl-crash");
  let server = await startServer(installation);
  const client = new CrashClient(server);
  const setup = new LtlSetup(server);
  const world = await createCrashWorld(setup, { client, choose });
  const parts = await createParts(server, world, setup);
  const unfinished = { handedOver: 0, coming: 0 };
  let replayed = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const writing = Promise.allSettled(parts.map((part) => part.write()));
    await pause(choose.between(LIFE_MS.min, LIFE_MS.max));
    client.expectDeath();
    await server.kill();
    for (const result of await writing) if (result.status === "rejected") throw result.reason;
    const { handedOver, coming } = await unfinishedPlaces(installation);
    unfinished.handedOver += handedOver;
    unfinished.coming += coming;
    server = await startServer(installation);
    client.reconnect(server);
    replayed += await expectReplaysRefused(client);
    await Promise.all(parts.map((part) => part.check()));
  }
  for (const part of parts) await part.checkAll();
  report(client);
  console.log(`cut off between row and ledger: ${JSON.stringify(unfinished)}`);
  // Some of each kind, or the kills came at the wrong moments.
  expect(client.acknowledged.size).toBe(ACTIONS);
  expect([...client.unanswered.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(ROUNDS);
  expect(unfinished.handedOver).toBeGreaterThan(0);
  expect(replayed).toBeGreaterThan(0);
  const checked = Array.from({ length: RECEIPTS_CHECKED }, () => choose.oneOf(client.txIds));
  await expectReceiptsValid(server, [...checked, ...client.txIds.slice(-10)]);
  client.close();
  setup.caller.close();
  expect(await server.stop()).toBe(0);
  const { exitCode, stdout, stderr } = await runCommand(installation, ["verify", "--data", installation.dataFolder]);
  expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
});
