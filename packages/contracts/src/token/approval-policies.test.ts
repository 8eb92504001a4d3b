import { beforeEach, describe, expect, it } from "vitest";
import { band, bob, creator, manager, openTokens, root, type TokenChannel } from "../testing/token-channel.ts";
import { tokenLimits } from "./limits.ts";

let channel: TokenChannel;
const create = (...args: Parameters<typeof band>) => channel.refusal(root, "createApprovalPolicyCheck", band(...args));
const update = (args: object) => channel.refusal(root, "updateApprovalPolicyCheck", args);
const approvers = async (amount: string) => {
  const answer = Object(await channel.read(root, "getApproverDetailsByTransferAmount", { amount }));
  const details: readonly { readonly approverUserId: string }[] = answer["approverDetails"];
  return details.map(({ approverUserId }) => approverUserId);
};

beforeEach(async () => {
  channel = await openTokens();
});

describe("bands", () => {
  it("begin above their lower limit and end with their upper one", async () => {
    expect(await create("0", "100")).toBe("done");
    expect(await create("100.00", "500", manager)).toBe("done");
    expect(await create("500", "1000", manager, creator)).toBe("done");
    expect(await approvers("0.00000001")).toEqual([]);
    expect(await approvers("100")).toEqual([]);
    expect(await approvers("100.01")).toEqual(["manager"]);
    expect(await approvers("500")).toEqual(["manager"]);
    expect(await approvers("500.01")).toEqual(["manager", "creator"]);
    expect(await approvers("1000")).toEqual(["manager", "creator"]);
    expect(await approvers("1000.01")).toEqual([]);
  });

  it("do not overlap", async () => {
    expect(await create("100", "500", manager)).toBe("done");
    expect(await create("100", "500.0", creator)).toBe("POLICY_EXISTS");
    for (const [lower, upper] of [
      ["0", "100.01"],
      ["499.99", "600"],
      ["200", "300"],
      ["0", "1000"],
      ["100", "501"],
    ]) {
      expect(await create(lower ?? "", upper ?? "")).toBe("POLICY_OVERLAPS");
    }
    expect(await create("0", "100")).toBe("done");
    expect(await create("500", "501")).toBe("done");
  });

  it("are in their form", async () => {
    const asset = (change: object) => ({ asset: { ...Object(band("1", "2", manager, creator)).asset, ...change } });
    const approver = { approverOrgId: manager.orgId, approverUserId: manager.userId };
    const other = { approverOrgId: manager.orgId, approverUserId: "other" };
    const wrong: readonly object[] = [
      { transactionLowerLimit: "2" },
      { transactionLowerLimit: "-1" },
      { transactionLowerLimit: 1 },
      { transactionUpperLimit: "1.0" },
      { transactionUpperLimit: "x" },
      { numberOfApprovalsRequired: 1 },
      { numberOfApprovalsRequired: "2" },
      { numberOfApprovalsRequired: -1 },
      { approverDetails: {} },
      {
        approverDetails: [
          { ...approver, approvalSequence: 1 },
          { ...approver, approvalSequence: 2 },
        ],
      },
      {
        approverDetails: [
          { ...approver, approvalSequence: 1 },
          { ...other, approvalSequence: 1 },
        ],
      },
      {
        approverDetails: [
          { ...approver, approvalSequence: 2 },
          { ...other, approvalSequence: 3 },
        ],
      },
      {
        approverDetails: [
          { ...approver, approvalSequence: 0 },
          { ...other, approvalSequence: 1 },
        ],
      },
      { more: 1 },
    ];
    for (const change of wrong) {
      expect(await channel.refusal(root, "createApprovalPolicyCheck", asset(change))).toBe("ARGUMENT_INVALID");
    }
    expect(await create("0", "0.123456789")).toBe("TOO_MANY_DECIMALS");
    expect(await create("0", "1000000000000000")).toBe("AMOUNT_TOO_LARGE");
    const swapped = [
      { ...other, approvalSequence: 2 },
      { ...approver, approvalSequence: 1 },
    ];
    expect(await channel.refusal(root, "createApprovalPolicyCheck", asset({ approverDetails: swapped }))).toBe("done");
    expect(await approvers("2")).toEqual(["manager", "other"]);
  });

  it("are no more than there may be", async () => {
    for (let index = 0; index < tokenLimits.approvalPoliciesMax; index++) {
      await channel.submit(root, "createApprovalPolicyCheck", band(String(index), String(index + 1)));
    }
    expect(await create("1000", "1001")).toBe("POLICIES_TOO_MANY");
  });
});

describe("a policy", () => {
  it("is answered, changed, read and deleted by its id", async () => {
    const answer = {
      assetType: "ApprovalPolicyCheck",
      approvalPolicyId: "GPID~500~1000",
      transactionLowerLimit: "500",
      transactionUpperLimit: "1000",
      numberOfApprovalsRequired: 1,
      approverDetails: [{ approverOrgId: "HubMSP", approverUserId: "manager", approvalSequence: 1 }],
    };
    const given = band("500", "1000.00", manager);
    expect(await channel.submit(root, "createApprovalPolicyCheck", given)).toEqual({ status: "active", ...answer });
    const id = "GPID~500~1000";
    expect(await channel.read(root, "getApprovalPolicyCheckById", { id })).toEqual(answer);
    expect(await channel.submit(root, "updateApprovalPolicyCheck", band("500", "1000"))).toMatchObject({
      numberOfApprovalsRequired: 0,
      approverDetails: [],
    });
    expect(await channel.submit(root, "deleteApprovalPolicyCheck", { id })).toEqual({
      isValid: true,
      message: "Successfully deleted asset with ID [GPID~500~1000] from ledger",
    });
    for (const fn of ["getApprovalPolicyCheckById", "deleteApprovalPolicyCheck"]) {
      expect(await channel.refusal(root, fn, { id })).toBe("POLICY_UNKNOWN");
      for (const wrong of ["x", "GPID~500", "GPID~a~b", ""]) {
        expect(await channel.refusal(root, fn, { id: wrong })).toBe("ARGUMENT_INVALID");
      }
    }
    expect(await update(given)).toBe("POLICY_UNKNOWN");
  });

  it("keeps its limits, and an id that is given must be its own", async () => {
    await create("500", "1000", manager);
    const withId = (approvalPolicyId: string) => ({
      asset: { ...Object(band("500", "1000.0", creator)).asset, approvalPolicyId },
    });
    expect(await update(withId("GPID~500~1001"))).toBe("ARGUMENT_INVALID");
    expect(await update(withId("GPID~500~1000"))).toBe("done");
    expect(await update(band("500", "1001", bob))).toBe("POLICY_UNKNOWN");
    expect(await approvers("600")).toEqual(["creator"]);
  });
});

it("has approvers for positive amounts only", async () => {
  const refusal = (args: object) => channel.refusal(root, "getApproverDetailsByTransferAmount", args);
  expect(await refusal({ amount: "0" })).toBe("QUANTITY_NOT_POSITIVE");
  expect(await refusal({ Amount: "-1" })).toBe("QUANTITY_NOT_POSITIVE");
  expect(await refusal({ amount: "0.123456789" })).toBe("TOO_MANY_DECIMALS");
  for (const args of [{}, { amount: 1 }, { amount: "1", Amount: "1" }])
    expect(await refusal(args)).toBe("ARGUMENT_INVALID");
});
