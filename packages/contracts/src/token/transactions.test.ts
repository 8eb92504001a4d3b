import { beforeEach, expect, it } from "vitest";
import {
  alice,
  bob,
  byNotary,
  carol,
  notary,
  openTokens,
  root,
  type TokenChannel,
  toBob,
} from "../testing/token-channel.ts";

let channel: TokenChannel;
const usd = { tokenId: "USD" };
const idOfLast = () => `otransaction~${channel.txId}`;
const read = (user: typeof root, transactionId: string) =>
  channel.refusal(user, "getTransactionById", { transactionId });

beforeEach(async () => {
  channel = await openTokens();
});

it("has the movement as it was, for admins and the two sides", async () => {
  await channel.submit(alice, "transferTokens", { ...usd, ...toBob, quantity: "1.50", infoDetails: { category: "c" } });
  const [id, { txId }] = [idOfLast(), channel];
  const found = Object(await channel.read(bob, "getTransactionById", { transactionId: id }));
  const { history, ...rest } = found;
  expect(rest).toEqual({ transaction_id: id, sub_transactions: [] });
  expect(history).toEqual([
    {
      trxId: txId,
      timeStamp: "2026-03-01T12:00:00.000Z",
      value: {
        assetType: "otransaction",
        transaction_id: id,
        token_id: "USD",
        from_account_id: expect.stringMatching(/^oaccount~/),
        from_account_onhold_burn_balance: 0,
        to_account_id: expect.stringMatching(/^oaccount~/),
        to_account_onhold_burn_balance: 0,
        transaction_type: "TRANSFER",
        amount: 1.5,
        timestamp: "2026-03-01T12:00:00.000Z",
        number_of_sub_transactions: 0,
        sub_transaction: "false",
        category: "c",
      },
    },
  ]);
  expect([await read(alice, id), await read(root, id), await read(carol, id), await read(notary, id)]).toEqual([
    "done",
    "done",
    "NOT_AUTHORIZED",
    "NOT_AUTHORIZED",
  ]);
});

it("has a bulk transfer with its parts, each for its own sides", async () => {
  const flow = [bob, carol].map(({ orgId, userId }) => ({ to_org_id: orgId, to_user_id: userId, quantity: "2" }));
  await channel.submit(alice, "bulkTransferTokens", { ...usd, flow });
  const id = idOfLast();
  const sub = `${id}~c81e728d9d4c2f636f067f89cc14862c`;
  const found = Object(await channel.read(alice, "getTransactionById", { transactionId: id }));
  expect(found["history"]).toMatchObject([
    { value: { transaction_type: "BULKTRANSFER", amount: 4, number_of_sub_transactions: 2, to_account_id: "" } },
  ]);
  expect(found["sub_transactions"]).toMatchObject([
    { transaction_id: `${id}~c4ca4238a0b923820dcc509a6f75849b` },
    { transaction_id: sub, history: [{ value: { transaction_type: "TRANSFER", amount: 2, sub_transaction: "true" } }] },
  ]);
  expect([await read(carol, sub), await read(bob, sub)]).toEqual(["done", "NOT_AUTHORIZED"]);
});

it("shows holds and requests to their notary", async () => {
  const request = { ...usd, ...byNotary, quantity: "1", timeToExpiration: "0" };
  await channel.submit(alice, "holdTokens", { ...request, ...toBob, operationId: "h" });
  const held = idOfLast();
  await channel.submit(notary, "releaseHoldTokens", { ...usd, operationId: "h" });
  const released = idOfLast();
  await channel.submit(alice, "requestBurn", { ...request, operationId: "b" });
  const asked = idOfLast();
  for (const id of [held, released]) expect([await read(bob, id), await read(notary, id)]).toEqual(["done", "done"]);
  expect([await read(notary, asked), await read(bob, asked)]).toEqual(["done", "NOT_AUTHORIZED"]);
  const burn = Object(await channel.read(alice, "getTransactionById", { transactionId: asked }));
  expect(burn["history"]).toMatchObject([
    { value: { from_account_onhold_burn_balance: 1, transaction_type: "REQUEST_BURN" } },
  ]);
});

it("tells only admins that there is no such transaction", async () => {
  for (const id of ["x", "otransaction~", `otransaction~${"0".repeat(64)}`, `${idOfLast()}~0`]) {
    expect([await read(root, id), await read(alice, id)]).toEqual(["TRANSACTION_UNKNOWN", "NOT_AUTHORIZED"]);
  }
});
