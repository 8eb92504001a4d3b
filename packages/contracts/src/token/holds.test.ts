import { beforeEach, describe, expect, it } from "vitest";
import {
  alice,
  bob,
  byNotary,
  carol,
  notary,
  openTokens,
  root,
  stranger,
  type TokenChannel,
  toBob,
} from "../testing/token-channel.ts";

let channel: TokenChannel;
const usd = { tokenId: "USD" };
const operation = { ...usd, operationId: "h1" };
const hold = { ...operation, ...toBob, ...byNotary, quantity: "10.25", timeToExpiration: "0" };
const details = async () => channel.read(root, "getOnHoldDetailsWithOperationId", operation);
const inOneSecond = () => new Date(channel.timeMs + 1_000).toISOString();

beforeEach(async () => {
  channel = await openTokens();
});

describe("holdTokens", () => {
  it("puts the tokens on hold", async () => {
    expect(await channel.text(alice, "holdTokens", hold, "msg")).toMatch(
      /^AccountId oaccount~.{64} \(Org-Id: OneMSP , User-Id: alice\) is successfully holding 10\.25 tokens$/,
    );
    expect(await channel.amounts(alice)).toEqual([989.75, 10.25, 0]);
    expect(await details()).toMatchObject({
      bapHoldVersion: 0,
      holding_id: "ohold~stablecoin~USD~h1",
      operation_type: "transfer",
      status: "pending",
      quantity: 10.25,
      time_to_expiration: "0",
    });
    expect(await channel.read(alice, "getOnHoldIds", { ...alice, ...usd })).toEqual({
      msg: "Holding Ids are: ohold~stablecoin~USD~h1",
      holding_ids: ["ohold~stablecoin~USD~h1"],
    });
    expect(await channel.read(bob, "getOnHoldBalanceWithOperationId", operation)).toEqual({
      msg: "Current Holding Balance of Operation 'h1' for token 'USD' is: 10.25",
      holding_balance: 10.25,
    });
  });

  it("refuses in a fixed order", async () => {
    const refusal = (change: object) => channel.refusal(alice, "holdTokens", { ...hold, quantity: "0", ...change });
    const asNotary = ({ orgId, userId }: typeof root) => ({ notaryOrgId: orgId, notaryUserId: userId });
    expect(await refusal({ operationId: "" })).toBe("ARGUMENT_INVALID");
    expect(await refusal({ operationId: "a~b" })).toBe("ARGUMENT_INVALID");
    expect(await refusal({ timeToExpiration: "1" })).toBe("ARGUMENT_INVALID");
    expect(await refusal({ tokenId: "EUR" })).toBe("TOKEN_UNKNOWN");
    expect(await refusal(asNotary(stranger))).toBe("ACCOUNT_UNKNOWN");
    expect(await refusal(asNotary(bob))).toBe("SAME_ACCOUNT");
    expect(await refusal(asNotary(alice))).toBe("SAME_ACCOUNT");
    expect(await refusal({ toOrgId: alice.orgId, toUserId: alice.userId })).toBe("SAME_ACCOUNT");
    expect(await refusal(asNotary(carol))).toBe("ROLE_MISSING");
    expect(await refusal({ timeToExpiration: new Date(channel.timeMs).toISOString() })).toBe("EXPIRATION_IN_PAST");
    expect(await refusal({})).toBe("QUANTITY_NOT_POSITIVE");
    expect(await refusal({ quantity: "1.001" })).toBe("TOO_MANY_DECIMALS");
    expect(await refusal({ quantity: "1000.01" })).toBe("BALANCE_TOO_LOW");
    expect(await refusal({ quantity: "1", timeToExpiration: new Date(channel.timeMs + 1).toISOString() })).toBe("done");
    expect(await refusal({ quantity: "1" })).toBe("OPERATION_EXISTS");
  });

  it("has one operation of an id for each token", async () => {
    await channel.submit(alice, "requestBurn", { ...operation, ...byNotary, quantity: "1", timeToExpiration: "0" });
    expect(await channel.refusal(alice, "holdTokens", hold)).toBe("OPERATION_EXISTS");
    for (const fn of ["executeHoldTokens", "releaseHoldTokens"]) {
      const args = fn === "executeHoldTokens" ? { ...operation, quantity: "1" } : operation;
      expect(await channel.refusal(notary, fn, args)).toBe("OPERATION_UNKNOWN");
    }
  });
});

describe("executeHoldTokens", () => {
  const execute = (quantity: string, user = notary) =>
    channel.refusal(user, "executeHoldTokens", { ...operation, quantity });

  it("pays the payee, and what is left goes back", async () => {
    await channel.submit(alice, "holdTokens", hold);
    const args = { ...operation, quantity: "4" };
    expect(await channel.text(notary, "executeHoldTokens", args, "msg")).toMatch(
      /^Account Id: oaccount~.{64} \(Org-Id: OneMSP, User-Id: alice\) is successfully executed '4' tokens from Operation Id 'h1'\.$/,
    );
    expect(await channel.amounts(alice)).toEqual([996, 0, 0]);
    expect(await channel.amounts(bob)).toEqual([4, 0, 0]);
    expect(await details()).toMatchObject({ bapHoldVersion: 1, status: "completed", quantity: 10.25 });
    expect(await channel.read(alice, "getOnHoldIds", { ...alice, ...usd })).toMatchObject({ holding_ids: [] });
    expect(await channel.read(root, "getOnHoldBalanceWithOperationId", operation)).toMatchObject({
      holding_balance: 0,
    });
    expect(await execute("4")).toBe("OPERATION_NOT_PENDING");
    expect(await channel.refusal(notary, "releaseHoldTokens", operation)).toBe("OPERATION_NOT_PENDING");
  });

  it("is for the notary, up to what is held", async () => {
    await channel.submit(alice, "holdTokens", hold);
    for (const user of [alice, bob, carol, root]) expect(await execute("1", user)).toBe("NOT_THE_NOTARY");
    expect(await execute("10.26")).toBe("HOLD_EXCEEDED");
    expect(await execute("0")).toBe("QUANTITY_NOT_POSITIVE");
    expect(await execute("1.001")).toBe("TOO_MANY_DECIMALS");
    await channel.submit(root, "removeRole", { ...notary, ...usd, role: "notary" });
    expect(await execute("1")).toBe("ROLE_MISSING");
    await channel.addRole(notary, "notary");
    await channel.submit(root, "suspendAccount", { ...bob, ...usd });
    expect(await execute("1")).toBe("ACCOUNT_SUSPENDED");
    await channel.submit(root, "activateAccount", { ...bob, ...usd });
    expect(await execute("10.25")).toBe("done");
    expect([await channel.amounts(alice), await channel.amounts(bob)]).toEqual([
      [989.75, 0, 0],
      [10.25, 0, 0],
    ]);
  });

  it("is over at the millisecond of expiry", async () => {
    await channel.submit(alice, "holdTokens", { ...hold, timeToExpiration: inOneSecond() });
    await channel.submit(alice, "holdTokens", { ...hold, operationId: "h2", timeToExpiration: inOneSecond() });
    channel.timeMs += 999;
    expect(await execute("1")).toBe("done");
    channel.timeMs += 1;
    const late = { ...operation, operationId: "h2", quantity: "1" };
    expect(await channel.refusal(notary, "executeHoldTokens", late)).toBe("OPERATION_EXPIRED");
    expect(await channel.amounts(alice)).toEqual([988.75, 10.25, 0]);
  });
});

describe("releaseHoldTokens", () => {
  const release = (user: typeof root) => channel.refusal(user, "releaseHoldTokens", operation);

  it("gives all back, once; a permanent hold is the notary's", async () => {
    await channel.submit(alice, "holdTokens", hold);
    channel.timeMs += 1e12;
    for (const user of [alice, bob]) expect(await release(user)).toBe("NOT_THE_NOTARY");
    expect(await release(carol)).toBe("NOT_A_PARTY");
    expect(await channel.text(notary, "releaseHoldTokens", operation, "msg")).toMatch(
      /^Successfully released '10\.25' tokens from Operation Id 'h1' to Account Id: oaccount~.{64} \(Org-Id: OneMSP, User-Id: alice\)\.$/,
    );
    expect(await channel.amounts(alice)).toEqual([1000, 0, 0]);
    expect(await details()).toMatchObject({ status: "released" });
    for (const user of [notary, alice]) expect(await release(user)).toBe("OPERATION_NOT_PENDING");
  });

  it.each([
    ["payer", alice],
    ["payee", bob],
    ["notary", notary],
  ] as const)("is the %s's too after expiry", async (_, user) => {
    await channel.submit(alice, "holdTokens", { ...hold, timeToExpiration: inOneSecond() });
    channel.timeMs += 999;
    if (user !== notary) expect(await release(user)).toBe("NOT_THE_NOTARY");
    channel.timeMs += 1;
    expect(await release(stranger)).toBe("NOT_A_PARTY");
    expect(await release(user)).toBe("done");
    expect(await channel.amounts(alice)).toEqual([1000, 0, 0]);
  });
});

it("shows operations to their parties and to token officers", async () => {
  await channel.submit(alice, "holdTokens", hold);
  const fns = ["getOnHoldDetailsWithOperationId", "getOnHoldBalanceWithOperationId"];
  for (const fn of fns) {
    for (const user of [alice, bob, notary, root]) expect(await channel.refusal(user, fn, operation)).toBe("done");
    for (const args of [operation, { ...operation, operationId: "x" }, { ...operation, tokenId: "EUR" }]) {
      expect(await channel.refusal(carol, fn, args)).toBe("NOT_AUTHORIZED");
    }
    expect(await channel.refusal(root, fn, { ...operation, operationId: "x" })).toBe("OPERATION_UNKNOWN");
    expect(await channel.refusal(root, fn, { ...operation, tokenId: "EUR" })).toBe("TOKEN_UNKNOWN");
  }
});
