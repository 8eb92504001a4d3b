import { beforeEach, describe, expect, it } from "vitest";
import {
  alice,
  bob,
  byNotary,
  carol,
  notary,
  openTokens,
  type root,
  type TokenChannel,
  toBob,
} from "../testing/token-channel.ts";

interface Entry {
  readonly transaction_type: string;
  readonly transacted_amount: number;
}

let channel: TokenChannel;
const usd = { tokenId: "USD" };
const read = async (user: typeof root, filters?: object): Promise<readonly Entry[]> => {
  const fn = filters === undefined ? "getAccountTransactionHistory" : "getAccountTransactionHistoryWithFilters";
  const args = { ...user, ...usd, ...(filters === undefined ? {} : { filters }) };
  return (await channel.read(user, fn, args)) as readonly Entry[];
};
const transfer = (quantity: string) => channel.submit(alice, "transferTokens", { ...usd, ...toBob, quantity });
const amounts = (entries: readonly Entry[]) => entries.map(({ transacted_amount }) => transacted_amount);

beforeEach(async () => {
  channel = await openTokens();
});

describe("history", () => {
  it("has each movement of the account, newest first, with the balances after it", async () => {
    const infoDetails = { category: "c", description: "d" };
    const request = { ...usd, ...byNotary, timeToExpiration: "0", infoDetails };
    await transfer("10");
    const { txId } = channel;
    await channel.submit(alice, "holdTokens", { ...request, ...toBob, operationId: "h", quantity: "20" });
    await channel.submit(notary, "executeHoldTokens", { ...usd, operationId: "h", quantity: "5" });
    await channel.submit(alice, "holdTokens", { ...request, ...toBob, operationId: "r", quantity: "7" });
    await channel.submit(notary, "releaseHoldTokens", { ...usd, operationId: "r" });
    await channel.submit(alice, "requestBurn", { ...request, operationId: "b", quantity: "1" });
    await channel.submit(notary, "approveBurn", { ...usd, operationId: "b" });
    const flow = [{ to_org_id: carol.orgId, to_user_id: carol.userId, quantity: "2" }];
    await channel.submit(alice, "bulkTransferTokens", { ...usd, flow });
    const holding_id = "ohold~stablecoin~USD~h";
    expect(await read(alice)).toMatchObject([
      {
        transaction_type: "BULKTRANSFER",
        transacted_amount: 2,
        balance: 982,
        sub_transactions: [{ transaction_type: "DEBIT" }],
      },
      { transaction_type: "APPROVE_BURN", balance: 984, transacted_user_id: "alice", category: "c" },
      { transaction_type: "REQUEST_BURN", balance: 984, description: "d" },
      { transaction_type: "RELEASEHOLD", balance: 985, onhold_balance: 0, transacted_user_id: "alice" },
      { transaction_type: "ONHOLD", balance: 978, onhold_balance: 7 },
      {
        transaction_type: "EXECUTEHOLD",
        transacted_amount: 5,
        balance: 985,
        onhold_balance: 0,
        holding_id,
        category: "c",
      },
      { transaction_type: "ONHOLD", balance: 970, onhold_balance: 20, holding_id, transacted_user_id: bob.userId },
      { transaction_type: "DEBIT", transaction_id: `otransaction~${txId}`, balance: 990, transacted_org_id: "TwoMSP" },
      { transaction_type: "APPROVE_MINT", balance: 1000 },
      { transaction_type: "REQUEST_MINT", balance: 0 },
    ]);
    expect(await read(bob)).toMatchObject([
      { transaction_type: "CREDIT", transacted_amount: 5, balance: 15, transacted_user_id: "alice", holding_id },
      { transaction_type: "CREDIT", transacted_amount: 10, balance: 10 },
    ]);
    expect(await read(carol)).toMatchObject([{ transaction_type: "CREDIT", transacted_amount: 2, balance: 2 }]);
    const [debit] = (await read(alice)).slice(-3);
    expect(debit).not.toHaveProperty("category");
    expect(debit).not.toHaveProperty("holding_id");
  });
});

describe("filters", () => {
  const times: string[] = [];

  beforeEach(async () => {
    times.length = 0;
    for (let quantity = 1; quantity <= 25; quantity++) {
      channel.timeMs += 1_000;
      times.push(new Date(channel.timeMs).toISOString());
      await transfer(String(quantity));
    }
  });

  it("answers pages from a start", async () => {
    expect(amounts(await read(bob, { pageSize: 0 }))).toEqual(Array.from({ length: 20 }, (_, index) => 25 - index));
    expect(amounts(await read(bob, { pageSize: 3 }))).toEqual([25, 24, 23]);
    expect(amounts(await read(bob, { pageSize: 3, bookmark: "3" }))).toEqual([22, 21, 20]);
    expect(amounts(await read(bob, { bookmark: "20" }))).toEqual([5, 4, 3, 2, 1]);
    expect(amounts(await read(bob, { bookmark: "25" }))).toEqual([]);
    expect(await read(bob, {})).toHaveLength(25);
    expect(await read(bob)).toHaveLength(25);
    const args = { ...bob, ...usd };
    expect(await channel.read(bob, "getAccountTransactionHistoryWithFilters", args)).toHaveLength(25);
  });

  it("answers a window with both of its ends", async () => {
    const [first, second, third] = times;
    const window = { startTime: first, endTime: third };
    expect(amounts(await read(bob, window))).toEqual([3, 2, 1]);
    expect(amounts(await read(bob, { ...window, pageSize: 1, bookmark: "1" }))).toEqual([2]);
    expect(amounts(await read(bob, { endTime: second }))).toEqual([2, 1]);
    expect(amounts(await read(bob, { startTime: times[23] }))).toEqual([25, 24]);
    const beforeSecond = new Date(Date.parse(second ?? "") - 1).toISOString();
    expect(amounts(await read(bob, { endTime: beforeSecond }))).toEqual([1]);
    expect(amounts(await read(bob, { startTime: beforeSecond, endTime: second }))).toEqual([2]);
    expect(await read(bob, { startTime: third, endTime: first })).toEqual([]);
    expect(await read(bob, { pageSize: 5, bookmark: "", startTime: "2022-01-16T15:16:36+00:00" })).toHaveLength(5);
  });

  it("are in their form", async () => {
    const wrong = [
      { pageSize: 101 },
      { pageSize: -1 },
      { pageSize: "5" },
      { bookmark: "x" },
      { bookmark: "-1" },
      { bookmark: 5 },
      { startTime: "yesterday" },
      { endTime: 0 },
      { more: 1 },
    ];
    for (const filters of wrong) {
      const args = { ...bob, ...usd, filters };
      expect(await channel.refusal(bob, "getAccountTransactionHistoryWithFilters", args)).toBe("ARGUMENT_INVALID");
    }
  });
});
