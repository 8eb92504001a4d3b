import { createHttpServer } from "@concordat/api-kit";
import type { ChannelStatus } from "@concordat/ledger";
import { PlatformError } from "@concordat/platform";
import { sqliteFixture } from "@concordat/platform/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { VERSION } from "../version.ts";
import { HEALTH_PATH, registerHealth } from "./health.ts";
import { healthOf } from "./installation-health.ts";

const status = (channelId: string, failed: boolean): ChannelStatus => ({
  channelId,
  origin: `concordat/0123456789abcdef/${channelId}`,
  displayName: channelId,
  height: 1,
  transactionCount: 1,
  configSequence: 0,
  organizations: [],
  checkpoint: "",
  failed,
});

let fixture: Awaited<ReturnType<typeof sqliteFixture>>;
let store: Awaited<ReturnType<typeof fixture.open>>;
beforeEach(async () => {
  fixture = await sqliteFixture();
  store = await fixture.open();
});
afterEach(async () => {
  await store.close();
  await fixture.dispose();
});

async function answerFor(channels: () => Promise<ChannelStatus[]>, ledgerIsElsewhere = false) {
  const app = createHttpServer();
  registerHealth(app, healthOf({ ledger: { channels }, ledgerIsElsewhere, store }));
  const { statusCode, body } = await app.inject(HEALTH_PATH);
  await app.close();
  const { version, ...rest } = JSON.parse(body);
  expect(version).toBe(VERSION);
  return { statusCode, ...rest };
}

it("counts channels and names the ones that stopped", async () => {
  expect(await answerFor(async () => [status("ltl-1", false)])).toEqual({
    statusCode: 200,
    status: "ok",
    channelCount: 1,
    failedChannels: [],
  });
  expect(await answerFor(async () => [status("ltl-1", false), status("ltl-2", true)])).toEqual({
    statusCode: 503,
    status: "failed",
    channelCount: 2,
    failedChannels: ["ltl-2"],
  });
});

it("says why the ledger does not work, but nothing of a defect", async () => {
  const refusal = new PlatformError("STORE_UNAVAILABLE", "No lease.");
  expect(await answerFor(() => Promise.reject(refusal))).toEqual({
    statusCode: 503,
    status: "failed",
    reason: "No lease.",
  });
  expect(await answerFor(() => Promise.reject(new Error("internal")))).toEqual({ statusCode: 503, status: "failed" });
});

it("leaves a ledger that is elsewhere to its own server, and fails without the store", async () => {
  const channels = () => Promise.reject(new Error("not asked"));
  expect(await answerFor(channels, true)).toMatchObject({ statusCode: 200, status: "ok", ledger: "elsewhere" });
  await store.close();
  expect(await answerFor(channels, true)).toMatchObject({ statusCode: 503, status: "failed" });
});
