import { beforeEach, expect, it } from "vitest";
import {
  alice,
  band,
  bob,
  byNotary,
  carol,
  notary,
  openTokens,
  policyOf,
  root,
  type TokenChannel,
  toBob,
} from "../testing/token-channel.ts";

let channel: TokenChannel;
const usd = { tokenId: "USD" };
const id = "APID~TwoMSP~bob@two.example";
const set = (user: typeof root, change: object) =>
  channel.submit(root, "updateAccountPolicyCheck", policyOf(user, change));
const transfer = (quantity: string) => channel.refusal(alice, "transferTokens", { ...usd, ...toBob, quantity });
const bulk = (quantity: string) => {
  const flow = [
    { to_org_id: carol.orgId, to_user_id: carol.userId, quantity: "1" },
    { to_org_id: bob.orgId, to_user_id: bob.userId, quantity },
  ];
  return channel.refusal(alice, "bulkTransferTokens", { ...usd, flow });
};
const hold = (operationId: string, quantity: string) =>
  channel.refusal(alice, "holdTokens", { ...usd, ...toBob, ...byNotary, operationId, quantity, timeToExpiration: "0" });

beforeEach(async () => {
  channel = await openTokens();
});

it("is made, changed, read and deleted", async () => {
  const answer = {
    assetType: "AccountPolicyCheck",
    accountPolicyId: id,
    orgId: "TwoMSP",
    userId: "bob@two.example",
    kycCompliance: "true",
    amlCompliance: "true",
    riskScore: 10,
    restrictionFlag: "false",
  };
  const given = policyOf(bob, { accountPolicyId: "the contract's own matter" });
  expect(await channel.submit(root, "createAccountPolicyCheck", given)).toEqual(answer);
  expect(await channel.refusal(root, "createAccountPolicyCheck", given)).toBe("POLICY_EXISTS");
  expect(await set(bob, { riskScore: 1000, kycCompliance: false, accountPolicyId: id })).toMatchObject({
    riskScore: 1000,
    kycCompliance: "false",
  });
  expect(await channel.refusal(root, "updateAccountPolicyCheck", given)).toBe("ARGUMENT_INVALID");
  expect(await channel.read(root, "getAccountPolicyCheckById", { id })).toMatchObject({ riskScore: 1000 });
  expect(await channel.submit(root, "deleteAccountPolicyCheck", { id })).toEqual({
    isValid: true,
    message: `Successfully deleted asset with ID [${id}] from ledger`,
  });
  for (const fn of ["getAccountPolicyCheckById", "deleteAccountPolicyCheck"]) {
    expect(await channel.refusal(root, fn, { id })).toBe("POLICY_UNKNOWN");
    for (const wrong of ["", "x", "APID~a", "APID~a~b~c"]) {
      expect(await channel.refusal(root, fn, { id: wrong })).toBe("ARGUMENT_INVALID");
    }
  }
  expect(await channel.refusal(root, "updateAccountPolicyCheck", policyOf(bob))).toBe("POLICY_UNKNOWN");
});

it("is in its form", async () => {
  const wrong = [
    { riskScore: -1 },
    { riskScore: 1001 },
    { riskScore: 0.5 },
    { riskScore: "5" },
    { kycCompliance: "yes" },
    { amlCompliance: 1 },
    { restrictionFlag: null },
    { more: 1 },
  ];
  for (const change of wrong) {
    const refusal = await channel.refusal(root, "createAccountPolicyCheck", policyOf(bob, change));
    expect(refusal).toBe("ARGUMENT_INVALID");
  }
});

it.each([
  ["payer", alice],
  ["payee", bob],
] as const)("needs KYC and AML of the %s, where it has a policy", async (_, user) => {
  expect([await transfer("1"), await hold("h1", "1")]).toEqual(["done", "done"]);
  await channel.submit(root, "createAccountPolicyCheck", policyOf(user));
  for (const lacking of ["kycCompliance", "amlCompliance"]) {
    await set(user, { [lacking]: "false" });
    expect([await transfer("1"), await bulk("1"), await hold("h2", "1")]).toEqual([
      "POLICY_NOT_MET",
      "POLICY_NOT_MET",
      "POLICY_NOT_MET",
    ]);
    const execute = { ...usd, operationId: "h1", quantity: "1" };
    expect(await channel.refusal(notary, "executeHoldTokens", execute)).toBe("POLICY_NOT_MET");
  }
  await set(user, {});
  expect([await transfer("1"), await bulk("1"), await hold("h2", "1")]).toEqual(["done", "done", "done"]);
  await set(user, { kycCompliance: "false" });
  expect(await channel.refusal(notary, "releaseHoldTokens", { ...usd, operationId: "h1" })).toBe("done");
});

it.each([
  ["payer", alice],
  ["payee", bob],
] as const)("restricts the %s to amounts of the lowest band", async (_, user) => {
  await channel.submit(root, "createAccountPolicyCheck", policyOf(user, { restrictionFlag: "true" }));
  expect([await transfer("1"), await hold("h1", "1")]).toEqual(["RESTRICTED", "RESTRICTED"]);
  await channel.submit(root, "createApprovalPolicyCheck", band("50", "100"));
  await channel.submit(root, "createApprovalPolicyCheck", band("1", "9"));
  for (const [quantity, result] of [
    ["1", "RESTRICTED"],
    ["1.01", "done"],
    ["9", "done"],
    ["9.01", "RESTRICTED"],
    ["60", "RESTRICTED"],
  ]) {
    expect(await transfer(quantity ?? "")).toBe(result);
    expect(await hold(`h${quantity}`, quantity ?? "")).toBe(result);
  }
  expect(await bulk("60")).toBe("RESTRICTED");
  await set(user, {});
  expect(await hold("big", "60")).toBe("done");
  await set(user, { restrictionFlag: true });
  const execute = (quantity: string) =>
    channel.refusal(notary, "executeHoldTokens", { ...usd, operationId: "big", quantity });
  expect([await execute("60"), await execute("9")]).toEqual(["RESTRICTED", "done"]);
});
