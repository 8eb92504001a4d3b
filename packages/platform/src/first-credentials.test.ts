import { afterEach, beforeEach, expect, it } from "vitest";
import {
  areFirstCredentialsWritten,
  makeFirstCredentials,
  recordFirstCredentialsWritten,
} from "./first-credentials.ts";
import { codeOf, Harness } from "./testing/harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.dispose());

const origin = { sourceAddress: "127.0.0.1", requestId: "r" };

it("makes credentials that work, all of one principal", async () => {
  const { uid } = await harness.bootstrap();
  const first = await makeFirstCredentials(harness.platform, uid);
  const { authentication } = harness.platform;
  const user = { tenantName: first.tenant.name, userName: first.userName };
  const callers = [
    await authentication.byPassword(user, first.password, origin),
    await authentication.byApiKey(first.apiKey.apiKey, first.apiKey.secret, origin),
    (await authentication.byOAuthClient(first.oauthClient.clientId, first.oauthClient.secret, origin)).caller,
  ];
  expect(callers.map(({ principal }) => principal.uid)).toEqual([uid, uid, uid]);
  expect(first.bid.bid).toBe(await harness.platform.bids.of(uid));
});

it("makes them anew after a run that nobody saw, and then no earlier one counts", async () => {
  const { uid } = await harness.bootstrap();
  const unseen = await makeFirstCredentials(harness.platform, uid);
  await harness.restart();
  expect(areFirstCredentialsWritten(harness.platform)).toBe(false);
  const seen = await makeFirstCredentials(harness.platform, uid);
  await recordFirstCredentialsWritten(harness.platform);
  await harness.restart();
  expect(areFirstCredentialsWritten(harness.platform)).toBe(true);
  const { authentication, provisioning } = harness.platform;
  const { apiKey, secret } = unseen.apiKey;
  expect(await codeOf(authentication.byApiKey(apiKey, secret, origin))).toBe("CREDENTIALS_WRONG");
  const user = { tenantName: seen.tenant.name, userName: seen.userName };
  expect(await codeOf(authentication.byPassword(user, unseen.password, origin))).toBe("CREDENTIALS_WRONG");
  expect((await authentication.byPassword(user, seen.password, origin)).principal.uid).toBe(uid);
  for (const table of ["passwords", "apiKeys", "oauthClients"] as const) {
    expect(provisioning.directory.table(table).all()).toHaveLength(1);
  }
});
