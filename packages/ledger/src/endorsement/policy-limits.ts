/** Bounds of a signature policy, so that reading and evaluating one takes little time whoever wrote it. */
export const POLICY_LIMITS = {
  /** Rules inside rules. */
  depth: 16,
  /** Rules in all, principals named included. */
  rules: 1024,
  principals: 256,
  textCharacters: 20_000,
} as const;

/** By Fabric's number of the role. @source fabric-protos msp/msp_principal.proto, MSPRole.MSPRoleType */
export const MEMBER_ROLES = ["member", "admin", "client", "peer", "orderer"] as const;
