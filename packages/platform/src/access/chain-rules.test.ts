import { expect, it } from "vitest";
import type { Principal } from "../ports.ts";
import { chainActions } from "./actions.ts";
import { decideOnChain } from "./chain-rules.ts";

const chain = { kind: "chain", id: "c", tenantId: "t", dataTypeCode: "OWN1" };

type Place = { readonly role: "administrator" | "member"; readonly locked: boolean };

function reasonOf(action: string, place: Place | undefined, fields: Partial<Principal> = {}): string {
  const principal: Principal = {
    uid: "1",
    userId: "1",
    accountUid: "9",
    kind: "ram-user",
    name: "name",
    mspId: "OrgMSP",
    ledgerServiceOpened: true,
    installationAdministrator: false,
    enabled: true,
    ...fields,
  };
  const decision = decideOnChain(principal, action, chain, {
    membership: () => place && { ...place, dataTypeCode: "OWN1" },
    hasMemberOfAccount: () => true,
  });
  const code = decision.allowed || decision.code === "ACCESS_DENIED" ? "" : ` ${decision.code}`;
  return `${decision.allowed ? "yes" : "no"} ${decision.reason}${code}`;
}

/** Every action on a chain, and whether a member may do it. @source LTL document, the table "accounts" at the head of each section of 4.2.7 to 4.2.9 */
const table: readonly (readonly [name: keyof typeof chainActions, member: "yes" | "no"])[] = [
  ["readEvidence", "yes"],
  ["writeEvidence", "yes"],
  ["describeChain", "yes"],
  ["readReceipt", "yes"],
  ["addMember", "no"],
  ["listMembers", "no"],
  ["modifyMember", "no"],
  ["lockMember", "no"],
  ["unlockMember", "no"],
  ["listDataTypes", "no"],
  ["describeMemberUsage", "no"],
  ["registerDeviceGroup", "yes"],
  ["listDeviceGroups", "yes"],
  ["authorizeDeviceGroup", "no"],
  ["unauthorizeDeviceGroup", "no"],
  ["listDevices", "yes"],
  ["authorizeDevice", "no"],
  ["unauthorizeDevice", "no"],
  ["createPhaseGroup", "no"],
  ["modifyPhaseGroup", "no"],
  ["listPhaseGroups", "yes"],
  ["createPhase", "no"],
  ["modifyPhase", "no"],
  ["listPhases", "yes"],
  ["describePhaseAccess", "no"],
  ["updatePhaseAccess", "no"],
  ["describePhaseQuotas", "no"],
  ["writePhaseData", "yes"],
  ["readPhaseData", "yes"],
];

it("has a row for every action on a chain", () => {
  const names = Object.keys(chainActions).filter((name) => name !== "useService");
  expect(table.map(([name]) => name).toSorted()).toEqual(names.toSorted());
});

it.each(table)("%s: a member: %s", (name, expected) => {
  const action = chainActions[name];
  expect(reasonOf(action, { role: "member", locked: false })).toBe(
    expected === "yes" ? "yes chain-member" : "no chain-administrator-only",
  );
  expect(reasonOf(action, { role: "member", locked: true })).toBe("no member-locked");
  expect(reasonOf(action, { role: "administrator", locked: false })).toBe("yes chain-administrator");
  expect(reasonOf(action, undefined)).toBe("no not-on-chain");
  expect(reasonOf(action, undefined, { installationAdministrator: true })).toBe("no not-on-chain");
  expect(reasonOf(action, undefined, { kind: "account" })).toBe("no account-of-member ACCOUNT_KIND_REFUSED");
  for (const role of ["administrator", "member"] as const) {
    const unopened = { ledgerServiceOpened: false };
    expect(reasonOf(action, { role, locked: false }, unopened)).toBe("no service-not-opened SERVICE_NOT_OPENED");
  }
});
