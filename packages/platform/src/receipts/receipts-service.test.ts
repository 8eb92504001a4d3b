import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ledgerError } from "../testing/fake-ledger.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
let txId: string;
let place: { chainCode: string; key: string };
const digest = createHash("sha256").update("value").digest("hex");
const bare = { withEnvelope: false };

beforeAll(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
  place = { chainCode: cast.chain.chain.bizChainCode, key: keyOf(cast.chain, 1) };
  const outcome = await harness.platform.evidence.set(
    cast.administrator,
    { ...place, value: "value" },
    harness.nonce(),
  );
  txId = outcome.txIds[0] ?? "";
});
afterAll(() => harness.dispose());

const receipts = () => harness.platform.receipts;

it("finds a receipt by transaction, key and digest for everyone on the chain", async () => {
  for (const caller of [cast.administrator, cast.memberPrincipal]) {
    expect((await receipts().byTransaction(caller, txId, bare)).leaf.txId).toBe(txId);
    expect((await receipts().byKey(caller, place, bare)).leaf.txId).toBe(txId);
    const found = await receipts().byDigest(caller, { chainCode: place.chainCode, digest }, bare);
    expect(found.map((receipt) => receipt.leaf.txId)).toEqual([txId]);
  }
  expect(await receipts().byTransaction(cast.administrator, txId, { withEnvelope: true })).toHaveProperty("envelope");
  expect(await receipts().byTransaction(cast.administrator, txId, bare)).not.toHaveProperty("envelope");
});

it("makes one receipt of a batch that a digest hits twice", async () => {
  const items = ["a", "b"].map((id) => ({ key: keyOf(cast.chain, id), value: "twin" }));
  const input = { chainCode: place.chainCode, key: keyOf(cast.chain, "batch"), value: JSON.stringify(items) };
  await harness.platform.evidence.set(cast.administrator, input, harness.nonce());
  const twin = createHash("sha256").update("twin").digest("hex");
  expect(
    await receipts().byDigest(cast.administrator, { chainCode: place.chainCode, digest: twin }, bare),
  ).toHaveLength(1);
});

it("shows nothing to who is not on the chain", async () => {
  expect(await codeOf(receipts().byTransaction(cast.stranger, txId, bare))).toBe("TRANSACTION_UNKNOWN");
  expect(await codeOf(receipts().byKey(cast.stranger, place, bare))).toBe("ACCESS_DENIED");
  expect(await codeOf(receipts().byDigest(cast.stranger, { chainCode: place.chainCode, digest }, bare))).toBe(
    "ACCESS_DENIED",
  );
  const { channelId } = cast.chain.chain;
  expect(await codeOf(receipts().channelStatus(cast.stranger, channelId))).toBe("CHANNEL_UNKNOWN");
  expect(await codeOf(receipts().checkpoint(cast.stranger, channelId))).toBe("CHANNEL_UNKNOWN");
  expect(await codeOf(receipts().consistency(cast.stranger, channelId, 0, 1))).toBe("CHANNEL_UNKNOWN");
  expect(await codeOf(receipts().byTransaction(cast.unopened, txId, bare))).toBe("SERVICE_NOT_OPENED");
});

it("says which transaction is unknown, and passes on that the ledger is down", async () => {
  expect(await codeOf(receipts().byTransaction(cast.administrator, "0".repeat(64), bare))).toBe("TRANSACTION_UNKNOWN");
  const { receipt } = harness.ledger;
  harness.ledger.receipt = () => Promise.reject(ledgerError("CHANNEL_FAILED"));
  expect(await codeOf(receipts().byTransaction(cast.administrator, txId, bare))).toBe("LEDGER_UNAVAILABLE");
  harness.ledger.receipt = receipt;
});

it("gives each caller the trust of its own channels and of the audit trail, an installation administrator all", async () => {
  const origins = async (caller: typeof cast.administrator) =>
    (await receipts().trustBundle(caller)).channels.map(({ origin }) => origin.split("/").at(-1)).sort();
  const proof = cast.chain.chain.channelId;
  const other = cast.otherChain.chain.channelId;
  const collaboration = (await harness.bootstrap()).collaborationChain.chain.channelId;
  expect(await origins(cast.administrator)).toEqual(["audit", proof, collaboration, other].sort());
  expect(await origins(cast.memberPrincipal)).toEqual(["audit", proof]);
  expect(await origins(cast.stranger)).toEqual(["audit", other]);
});

it("answers status, checkpoint and consistency; the state hash to installation administrators", async () => {
  const { channelId } = cast.chain.chain;
  expect(await receipts().channelStatus(cast.memberPrincipal, channelId)).toEqual(
    await harness.ledger.status(channelId),
  );
  expect(await receipts().stateHash(cast.administrator, channelId)).toBe(await harness.ledger.stateHash(channelId));
  expect(await codeOf(receipts().stateHash(cast.memberPrincipal, channelId))).toBe("ACCESS_DENIED");
  expect(await codeOf(receipts().stateHash(cast.stranger, channelId))).toBe("CHANNEL_UNKNOWN");
  expect(await receipts().checkpoint(cast.memberPrincipal, channelId, 0)).toContain(`${channelId}\n1\n`);
  expect(await receipts().consistency(cast.memberPrincipal, channelId, 0, 1)).toMatchObject({ fromSize: 1, toSize: 2 });
});
