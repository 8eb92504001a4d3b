/**
 * What every principal may do with its own identity, whatever its credential reaches: without it nobody could find out what a credential
 * is good for, or give one back.
 */
const ownIdentity: ReadonlySet<string> = new Set([
  "iam:user:get",
  "iam:tenant:listAccessible",
  "iam:project:listAccessible",
  "iam:grant:listHeld",
  "iam:token:get",
  "iam:token:delete",
  "iam:session:list",
  "iam:session:delete",
]);

/** Types of credentials that a principal manages for itself, though never with a credential that reaches less than they would. */
const ownCredentials: ReadonlySet<string> = new Set(["iam:accessKey", "iam:password", "iam:apiKey", "iam:oauthClient"]);

export function isOwnIdentityAction(action: string): boolean {
  return ownIdentity.has(action);
}

export function isOwnCredentialAction(action: string): boolean {
  return ownCredentials.has(action.slice(0, action.lastIndexOf(":")));
}

/**
 * Whether grants over an enterprise project count for the action. The documents mark all of theirs so; what administers a tenant is in no
 * enterprise project.
 * @source Huawei BCS document, tables 1-360 and 2-382
 */
export function supportsEnterpriseProjects(action: string): boolean {
  return action.startsWith("bcs:");
}

/** Nothing new is made in an enterprise project that is switched off. */
export function isCreation(action: string): boolean {
  return action.slice(action.lastIndexOf(":") + 1).startsWith("create");
}

/** What a caller can want of a business chain or of the service itself. */
export const chainActions = {
  useService: "ltl:service:use",
  readEvidence: "ltl:evidence:read",
  writeEvidence: "ltl:evidence:write",
  describeChain: "ltl:chain:describe",
  readReceipt: "ltl:receipt:read",
  addMember: "ltl:member:create",
  listMembers: "ltl:member:list",
  modifyMember: "ltl:member:modify",
  lockMember: "ltl:member:lock",
  unlockMember: "ltl:member:unlock",
  listDataTypes: "ltl:dataType:list",
  describeMemberUsage: "ltl:memberUsage:describe",
  registerDeviceGroup: "ltl:deviceGroup:register",
  listDeviceGroups: "ltl:deviceGroup:list",
  authorizeDeviceGroup: "ltl:deviceGroup:authorize",
  unauthorizeDeviceGroup: "ltl:deviceGroup:unauthorize",
  listDevices: "ltl:device:list",
  authorizeDevice: "ltl:device:authorize",
  unauthorizeDevice: "ltl:device:unauthorize",
  createPhaseGroup: "ltl:phaseGroup:create",
  modifyPhaseGroup: "ltl:phaseGroup:modify",
  listPhaseGroups: "ltl:phaseGroup:list",
  createPhase: "ltl:phase:create",
  modifyPhase: "ltl:phase:modify",
  listPhases: "ltl:phase:list",
  describePhaseAccess: "ltl:phaseAccess:describe",
  updatePhaseAccess: "ltl:phaseAccess:update",
  describePhaseQuotas: "ltl:phaseQuota:describe",
  writePhaseData: "ltl:phaseData:write",
  readPhaseData: "ltl:phaseData:read",
} as const;

export type ChainAction = Exclude<(typeof chainActions)[keyof typeof chainActions], "ltl:service:use">;

const membersChainActions: ReadonlySet<string> = new Set([
  chainActions.readEvidence,
  chainActions.writeEvidence,
  chainActions.describeChain,
  chainActions.readReceipt,
  chainActions.registerDeviceGroup,
  chainActions.listDeviceGroups,
  chainActions.listDevices,
  chainActions.listPhaseGroups,
  chainActions.listPhases,
  chainActions.writePhaseData,
  chainActions.readPhaseData,
]);

/** Whether members of a chain may do it, not its administrator alone. @source LTL document, section 4.2.1 (who may use which API) */
export function isOpenToMembers(action: string): boolean {
  return membersChainActions.has(action);
}
