import { beforeEach, expect, it } from "vitest";
import {
  alice,
  band,
  bob,
  byNotary,
  carol,
  creator,
  manager,
  notary,
  openTokens,
  policyOf,
  root,
  stranger,
  type TokenChannel,
  toBob,
} from "../testing/token-channel.ts";

let channel: TokenChannel;
const usd = { tokenId: "USD" };
const operation = { ...usd, operationId: "h1" };
const hold = { ...operation, ...toBob, ...byNotary, quantity: "600", timeToExpiration: "0" };
const approve = (user: typeof root, args: object = operation) => channel.refusal(user, "approveTransaction", args);
const execute = () => channel.refusal(notary, "executeHoldTokens", { ...operation, quantity: "600" });

beforeEach(async () => {
  channel = await openTokens();
  await channel.submit(root, "createApprovalPolicyCheck", band("0", "100"));
  await channel.submit(root, "createApprovalPolicyCheck", band("500", "1000", manager, creator, carol));
});

it("takes the approvers in their order, each once", async () => {
  await channel.submit(alice, "holdTokens", hold);
  for (const user of [notary, bob, root, stranger]) expect(await approve(user)).toBe("NOT_AN_APPROVER");
  for (const user of [creator, carol]) expect(await approve(user)).toBe("APPROVAL_OUT_OF_TURN");
  const answer = Object(await channel.submit(manager, "approveTransaction", operation));
  expect(answer).toMatchObject({
    approvalTransactionId: `h1~${answer["approverAccountId"]}`,
    approvalOperationId: "h1",
    totalApprovals: 1,
    timestamp: "2026-03-01T12:00:00.000Z",
  });
  expect(await approve(manager)).toBe("APPROVAL_REPEATED");
  expect(await approve(carol)).toBe("APPROVAL_OUT_OF_TURN");
  expect(await execute()).toBe("APPROVAL_MISSING");
  expect([await approve(creator), await execute(), await approve(carol)]).toEqual(["done", "APPROVAL_MISSING", "done"]);
  expect(await approve(creator)).toBe("APPROVAL_REPEATED");
  expect(await execute()).toBe("done");
  expect(await approve(carol)).toBe("OPERATION_NOT_PENDING");
  expect(await channel.amounts(bob)).toEqual([600, 0, 0]);
});

it("needs none in a band without approvers, or in no band", async () => {
  await channel.submit(alice, "holdTokens", { ...hold, quantity: "100" });
  expect(await approve(manager)).toBe("NOT_AN_APPROVER");
  const between = { ...operation, operationId: "h2" };
  await channel.submit(alice, "holdTokens", { ...hold, ...between, quantity: "500" });
  for (const [args, quantity] of [
    [operation, "100"],
    [between, "500"],
  ] as const) {
    expect(await channel.refusal(notary, "executeHoldTokens", { ...args, quantity })).toBe("done");
  }
});

it("keeps the approvers that were required when the hold was made", async () => {
  await channel.submit(alice, "holdTokens", hold);
  await channel.submit(root, "updateApprovalPolicyCheck", band("500", "1000", bob));
  expect(await approve(bob)).toBe("NOT_AN_APPROVER");
  await channel.submit(root, "deleteApprovalPolicyCheck", { id: "GPID~500~1000" });
  expect(await execute()).toBe("APPROVAL_MISSING");
  expect([await approve(manager), await approve(creator), await approve(carol)]).toEqual(["done", "done", "done"]);
});

it("is over with the hold", async () => {
  const timeToExpiration = new Date(channel.timeMs + 1_000).toISOString();
  await channel.submit(alice, "holdTokens", { ...hold, timeToExpiration });
  channel.timeMs += 999;
  expect(await approve(manager)).toBe("done");
  channel.timeMs += 1;
  expect(await approve(creator)).toBe("OPERATION_EXPIRED");
  await channel.submit(bob, "releaseHoldTokens", operation);
  expect(await approve(creator)).toBe("OPERATION_NOT_PENDING");
});

it("finds the operation by its id when one token has it", async () => {
  await channel.submit(alice, "holdTokens", hold);
  const { operationId } = operation;
  expect(await approve(manager, { operationId, orgId: "x", userId: "y" })).toBe("done");
  expect(await approve(manager, { operationId: "other" })).toBe("OPERATION_UNKNOWN");
  await channel.submit(root, "initializeStablecoinToken", { tokenAsset: { token_id: "EUR" } });
  for (const user of [alice, notary]) await channel.createAccount(user, "EUR");
  await channel.addRole(alice, "minter", "EUR");
  await channel.addRole(notary, "notary", "EUR");
  const mint = { ...byNotary, tokenId: "EUR", operationId, quantity: "1", timeToExpiration: "0" };
  await channel.submit(alice, "requestMint", mint);
  expect(await approve(creator, { operationId })).toBe("ARGUMENT_INVALID");
  expect(await approve(creator, { operationId, tokenId: "EUR" })).toBe("OPERATION_UNKNOWN");
  expect(await approve(creator)).toBe("done");
});

it("still asks for the policies of payer and payee", async () => {
  await channel.submit(alice, "holdTokens", hold);
  await channel.submit(root, "createAccountPolicyCheck", policyOf(bob, { kycCompliance: "false" }));
  expect(await approve(manager)).toBe("POLICY_NOT_MET");
  await channel.submit(root, "updateAccountPolicyCheck", policyOf(bob, { restrictionFlag: true }));
  expect(await approve(manager)).toBe("RESTRICTED");
  await channel.submit(root, "updateAccountPolicyCheck", policyOf(bob));
  expect(await approve(manager)).toBe("done");
});

it("shows approvals to token admins and to org admins of those concerned", async () => {
  await channel.submit(alice, "holdTokens", hold);
  const id = await channel.text(manager, "approveTransaction", operation, "approvalTransactionId");
  const read = (user: typeof root, args: object = { id }) => channel.refusal(user, "getApprovalTransactionsById", args);
  for (const user of [alice, bob, manager, stranger]) expect(await read(user)).toBe("NOT_AUTHORIZED");
  await channel.submit(root, "addOrgAdmin", alice);
  await channel.submit(root, "addOrgAdmin", { orgId: "FarMSP", userId: "far" });
  expect([await read(alice), await read(root)]).toEqual(["done", "done"]);
  expect(await read({ orgId: "FarMSP", userId: "far" })).toBe("NOT_AUTHORIZED");
  for (const wrong of ["h2", id.replace("h1", "h2"), `${id}0`])
    expect(await read(root, { id: wrong })).toBe("APPROVAL_UNKNOWN");
  expect(await read(alice, { id: "h2" })).toBe("NOT_AUTHORIZED");
});
