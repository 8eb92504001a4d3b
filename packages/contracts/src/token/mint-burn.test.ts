import { beforeEach, describe, expect, it } from "vitest";
import {
  alice,
  bob,
  byNotary,
  manager,
  notary,
  openTokens,
  root,
  type TokenChannel,
} from "../testing/token-channel.ts";
import { tokenLimits } from "./limits.ts";

let channel: TokenChannel;
const usd = { tokenId: "USD" };
const operation = { ...usd, operationId: "op" };
const request = { ...operation, ...byNotary, quantity: "10.25", timeToExpiration: "0" };
const supply = async () => [
  Object(await channel.read(root, "getTotalMintedTokens", usd))["quantity"],
  Object(await channel.read(root, "getNetTokens", usd))["quantity"],
];
const inOneSecond = () => new Date(channel.timeMs + 1_000).toISOString();

beforeEach(async () => {
  channel = await openTokens();
});

describe("minting", () => {
  it("credits the requester when the notary approves", async () => {
    expect(await channel.submit(alice, "requestMint", request)).toEqual({
      msg: expect.stringMatching(
        /^AccountId oaccount~.{64} \(Org-Id: OneMSP , User-Id: alice\) has successfully submitted request to mint 10\.25 tokens$/,
      ),
    });
    expect([await channel.amounts(alice), await supply()]).toEqual([
      [1000, 0, 0],
      [1000, 1000],
    ]);
    expect(await channel.submit(notary, "approveMint", operation)).toEqual({
      msg: expect.stringMatching(
        /^Successfully minted 10\.25 tokens to Account Id: .* \(Org-Id: OneMSP, User-Id: alice\)$/,
      ),
    });
    expect([await channel.amounts(alice), await supply()]).toEqual([
      [1010.25, 0, 0],
      [1010.25, 1010.25],
    ]);
    expect(await channel.read(root, "getTotalMintedTokens", usd)).toEqual({
      msg: "Total minted token for Token Id: USD is 1010.25 tokens.",
      quantity: 1010.25,
    });
  });

  it("is decided once", async () => {
    await channel.submit(alice, "requestMint", request);
    expect(await channel.refusal(alice, "requestMint", request)).toBe("OPERATION_EXISTS");
    expect(await channel.text(notary, "rejectMint", operation, "msg")).toBe(
      "Successfully rejected mint request with Operation Id 'op' to mint 10.25 tokens of token id USD",
    );
    for (const fn of ["approveMint", "rejectMint"]) {
      expect(await channel.refusal(notary, fn, operation)).toBe("OPERATION_NOT_PENDING");
    }
    expect(await supply()).toEqual([1000, 1000]);
    expect(await channel.refusal(alice, "requestMint", request)).toBe("OPERATION_EXISTS");
  });

  it("takes the minter, another account as notary, and the notary of the request", async () => {
    const ask = (change: object, user = alice) => channel.refusal(user, "requestMint", { ...request, ...change });
    expect(await ask({}, bob)).toBe("ROLE_MISSING");
    expect(await ask({}, root)).toBe("ACCOUNT_UNKNOWN");
    expect(await ask({ notaryOrgId: alice.orgId, notaryUserId: alice.userId })).toBe("SAME_ACCOUNT");
    expect(await ask({ notaryOrgId: bob.orgId, notaryUserId: bob.userId })).toBe("ROLE_MISSING");
    expect(await ask({ notaryOrgId: root.orgId, notaryUserId: root.userId })).toBe("ACCOUNT_UNKNOWN");
    expect(await ask({ tokenId: "EUR" })).toBe("TOKEN_UNKNOWN");
    await channel.submit(alice, "requestMint", request);
    await channel.addRole(manager, "notary");
    for (const fn of ["approveMint", "rejectMint"]) {
      for (const user of [alice, bob, manager]) {
        expect(await channel.refusal(user, fn, operation)).toBe("NOT_THE_NOTARY");
      }
      expect(await channel.refusal(notary, fn, { ...operation, operationId: "other" })).toBe("OPERATION_UNKNOWN");
    }
    expect(await channel.refusal(notary, "approveBurn", operation)).toBe("OPERATION_UNKNOWN");
    await channel.submit(root, "removeRole", { ...notary, ...usd, role: "notary" });
    for (const fn of ["approveMint", "rejectMint"]) {
      expect(await channel.refusal(notary, fn, operation)).toBe("ROLE_MISSING");
    }
  });

  it("keeps to the largest mintable quantity, also when it is approved", async () => {
    const tokenAsset = { token_id: "EUR", max_mint_quantity: "100" };
    await channel.submit(root, "initializeStablecoinToken", { tokenAsset });
    for (const user of [alice, notary]) await channel.createAccount(user, "EUR");
    await channel.addRole(alice, "minter", "EUR");
    await channel.addRole(notary, "notary", "EUR");
    const ask = (operationId: string, quantity: string) =>
      channel.refusal(alice, "requestMint", { ...request, tokenId: "EUR", operationId, quantity });
    expect(await ask("a", "100.01")).toBe("MINT_LIMIT_EXCEEDED");
    expect([await ask("a", "60"), await ask("b", "40.01"), await ask("c", "40")]).toEqual(["done", "done", "done"]);
    const approve = (operationId: string) => channel.refusal(notary, "approveMint", { tokenId: "EUR", operationId });
    expect([await approve("a"), await approve("b"), await approve("c")]).toEqual([
      "done",
      "MINT_LIMIT_EXCEEDED",
      "done",
    ]);
    expect(await ask("d", "0.01")).toBe("MINT_LIMIT_EXCEEDED");
    expect(await channel.amounts(alice, "EUR")).toEqual([100, 0, 0]);
  });

  it("never mints more than can be counted", async () => {
    const largest = String((tokenLimits.unitsMax - 100_000) / 100);
    await channel.submit(alice, "requestMint", { ...request, quantity: largest });
    const over = { ...request, operationId: "over", quantity: "9999999999999.99" };
    expect(await channel.refusal(alice, "requestMint", over)).toBe("AMOUNT_TOO_LARGE");
    await channel.submit(notary, "approveMint", operation);
    expect((await channel.amounts(alice))[0]).toBe(9999999999999.99);
    expect(await channel.refusal(alice, "requestMint", { ...over, quantity: "0.01" })).toBe("AMOUNT_TOO_LARGE");
  });
});

describe("burning", () => {
  it("takes the tokens from the balance at once, and burns them when the notary approves", async () => {
    await channel.submit(alice, "requestBurn", request);
    expect([await channel.amounts(alice), await supply()]).toEqual([
      [989.75, 0, 10.25],
      [1000, 1000],
    ]);
    expect(await channel.text(notary, "approveBurn", operation, "msg")).toMatch(
      /^Successfully burned 10\.25 tokens from account id: oaccount~.{64} \(Org-Id: OneMSP, User-Id: alice\)$/,
    );
    expect([await channel.amounts(alice), await supply()]).toEqual([
      [989.75, 0, 0],
      [1000, 989.75],
    ]);
    expect(await channel.refusal(notary, "approveBurn", operation)).toBe("OPERATION_NOT_PENDING");
    expect(await channel.refusal(notary, "rejectBurn", operation)).toBe("OPERATION_NOT_PENDING");
  });

  it("gives them back when the notary rejects", async () => {
    await channel.submit(alice, "requestBurn", request);
    await channel.submit(notary, "rejectBurn", operation);
    expect([await channel.amounts(alice), await supply()]).toEqual([
      [1000, 0, 0],
      [1000, 1000],
    ]);
  });

  it("takes the burner and its balance", async () => {
    expect(await channel.refusal(bob, "requestBurn", request)).toBe("ROLE_MISSING");
    const ask = (quantity: string) => channel.refusal(alice, "requestBurn", { ...request, quantity });
    expect(await ask("1000.01")).toBe("BALANCE_TOO_LOW");
    expect(await ask("0")).toBe("QUANTITY_NOT_POSITIVE");
    expect(await ask("1.001")).toBe("TOO_MANY_DECIMALS");
    expect(await ask("1000")).toBe("done");
    expect(await channel.amounts(alice)).toEqual([0, 0, 1000]);
  });
});

describe.each(["Mint", "Burn"])("expiry of request%s", (kind) => {
  it("is not in the past", async () => {
    const ask = (timeToExpiration: string) =>
      channel.refusal(alice, `request${kind}`, { ...request, timeToExpiration });
    expect(await ask(new Date(channel.timeMs).toISOString())).toBe("EXPIRATION_IN_PAST");
    expect(await ask("2026-03-01")).toBe("ARGUMENT_INVALID");
    expect(await ask(new Date(channel.timeMs + 1).toISOString())).toBe("done");
  });

  it("ends the notary's approval at its millisecond, and lets the requester reject", async () => {
    await channel.submit(alice, `request${kind}`, { ...request, timeToExpiration: inOneSecond() });
    await channel.submit(alice, `request${kind}`, { ...request, operationId: "op2", timeToExpiration: inOneSecond() });
    channel.timeMs += 999;
    expect(await channel.refusal(alice, `reject${kind}`, operation)).toBe("NOT_THE_NOTARY");
    expect(await channel.refusal(notary, `approve${kind}`, { ...usd, operationId: "op2" })).toBe("done");
    channel.timeMs += 1;
    expect(await channel.refusal(notary, `approve${kind}`, operation)).toBe("OPERATION_EXPIRED");
    expect(await channel.refusal(bob, `reject${kind}`, operation)).toBe("NOT_THE_NOTARY");
    expect(await channel.refusal(alice, `reject${kind}`, operation)).toBe("done");
    const balance = kind === "Mint" ? 1010.25 : 989.75;
    expect(await channel.amounts(alice)).toEqual([balance, 0, 0]);
  });
});
