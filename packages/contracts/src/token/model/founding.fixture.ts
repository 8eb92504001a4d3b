import type { Arguments } from "./checks.fixture.ts";
import type { Person } from "./state.fixture.ts";

/** A call to be made: by whom and with what; its time is the driver's. */
export interface Draft {
  readonly fn: string;
  readonly caller: Person;
  readonly args: Arguments;
}

export const organizations = ["HubMSP", "BankAMSP", "BankBMSP", "Shop-4MSP"] as const;

/** Ten users of four organizations; two share their name. */
export const users: readonly Person[] = [
  { org: "HubMSP", user: "admin" },
  { org: "HubMSP", user: "manager" },
  { org: "HubMSP", user: "creator" },
  { org: "BankAMSP", user: "ann.lee" },
  { org: "BankAMSP", user: "bob@bank" },
  { org: "BankAMSP", user: "cy_3" },
  { org: "BankBMSP", user: "ann.lee" },
  { org: "BankBMSP", user: "dan-1" },
  { org: "Shop-4MSP", user: "eve" },
  { org: "Shop-4MSP", user: "fay" },
];

/** In no list, without account. */
export const ghost: Person = { org: "Shop-4MSP", user: "ghost" };

export const administrator: Person = { org: "HubMSP", user: "admin" };

export const tokenPlans = [
  {
    token_id: "USD",
    token_desc: "dollars",
    currencyName: "USD",
    conversionRate: 1,
    decimal: 2,
    max_mint_quantity: "0",
  },
  {
    token_id: "oz-8",
    token_desc: "gold",
    currencyName: "XAU",
    conversionRate: 2,
    decimal: 5,
    max_mint_quantity: "100000",
  },
] as const;

type BandPlan = readonly [lower: string, upper: string, approvals: number];

/** The bands of approval that a world may have: lower and upper limit, and how many approve. */
export const bandPlans: readonly BandPlan[] = [
  ["0", "100", 0],
  ["100", "250.5", 1],
  ["250.5", "1000", 2],
  ["1000", "3000", 3],
];

export function bandAsset([lower, upper, approvals]: BandPlan, approvers: readonly Person[]) {
  const approverDetails = approvers.slice(0, approvals).map(({ org, user }, index) => {
    return { approverOrgId: org, approverUserId: user, approvalSequence: index + 1 };
  });
  const limits = { transactionLowerLimit: lower, transactionUpperLimit: upper };
  return { ...limits, numberOfApprovalsRequired: approverDetails.length, approverDetails };
}

export const personArgs = ({ org, user }: Person) => ({ orgId: org, userId: user });

/** So many bands that there may be no more, and some more. */
export function crowd(): readonly Draft[] {
  return Array.from({ length: 120 }, (_, index) => {
    const asset = bandAsset([String(5000 + index), String(5001 + index), 0], []);
    return { fn: "createApprovalPolicyCheck", caller: administrator, args: { asset } };
  });
}

/** What makes a world in which something can happen, but for the associations, which need the accounts' ids. */
export function foundingDrafts(): readonly Draft[] {
  const by = (fn: string, args: Arguments): Draft => ({ fn, caller: administrator, args });
  const perUser = users.flatMap((user) => tokenPlans.map(() => user));
  const admins = [users[1], users[3], users[7], users[8]].flatMap((each) => each ?? []);
  return [
    by("init", { adminList: [{ org_id: administrator.org, user_id: administrator.user }] }),
    ...tokenPlans.map((tokenAsset) => by("initializeStablecoinToken", { tokenAsset })),
    ...admins.map((each) => by("addOrgAdmin", personArgs(each))),
    by("addTokenAuditor", personArgs(users[9] ?? ghost)),
    ...bandPlans.slice(0, 3).map((plan) => {
      return by("createApprovalPolicyCheck", { asset: bandAsset(plan, users.slice(2)) });
    }),
    ...perUser.map((user) => by("createAccount", { ...personArgs(user), tokenType: "fungible" })),
  ];
}

/** Roles of the accounts, when they have their tokens. */
export function roleDrafts(): readonly Draft[] {
  const given = users.flatMap((user, index) => {
    const roles = [["notary"], ["minter", "burner"], ["burner", "minter", "notary"]][index % 3] ?? [];
    return roles.flatMap((role) =>
      tokenPlans.map(({ token_id }) => ({ ...personArgs(user), tokenId: token_id, role })),
    );
  });
  return given.map((args) => ({ fn: "addRole", caller: administrator, args }));
}
