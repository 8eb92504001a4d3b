import { bidIdentityOf, bidPrivateKeyFromText, ed25519PrivateKeyFromRaw, isBid } from "@concordat/identity";
import { afterEach, beforeEach, expect, it } from "vitest";
import { codeOf, Harness } from "../testing/harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.dispose());

it("gives each principal one address for good, with the key that it is the address of", async () => {
  const { uid } = await harness.bootstrap();
  const { bids } = harness.platform;
  const [bid, again] = await Promise.all([bids.of(uid), bids.of(uid)]);
  expect(again).toBe(bid);
  expect(isBid(bid)).toBe(true);
  await harness.restart();
  const identity = await harness.platform.provisioning.bids.identity(uid);
  expect(identity.bid).toBe(bid);
  const { algorithm, raw } = bidPrivateKeyFromText(identity.privateKey);
  expect(algorithm).toBe("Ed25519");
  expect(bidIdentityOf(ed25519PrivateKeyFromRaw(raw))).toEqual(identity);
});

it("records that a key was made, and keeps the key sealed", async () => {
  const { uid } = await harness.bootstrap();
  const bid = await harness.platform.bids.of(uid);
  const entries = await harness.store.database
    .selectFrom("auditEntries")
    .selectAll()
    .where("action", "=", "iam:bid:create")
    .execute();
  expect(entries).toMatchObject([{ resourceKind: "bid", resourceId: bid, uid: null }]);
  const { raw } = bidPrivateKeyFromText((await harness.platform.provisioning.bids.identity(uid)).privateKey);
  const { state } = await harness.store.load();
  expect(Buffer.from(state.bidKeys[0]?.keySealed ?? []).includes(Buffer.from(raw))).toBe(false);
});

it("refuses principals that are not there", async () => {
  expect(await codeOf(harness.platform.bids.of("1"))).toBe("USER_UNKNOWN");
});
