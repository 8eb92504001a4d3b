/** What Fabric calls a node organizational unit: the OU of a certificate says what its holder is. */
export const NODE_UNITS = ["client", "peer", "admin", "orderer"] as const;
export type NodeUnit = (typeof NODE_UNITS)[number];
/** The units that are nodes. */
export type NodeRole = "peer" | "orderer";
/** Fabric's units, and `checkpoint`, which is ours: Fabric takes its holder for no member in particular. */
export type CertificateRole = NodeUnit | "checkpoint";

const ROLES: readonly string[] = [...NODE_UNITS, "checkpoint"];

export function isCertificateRole(text: string): text is CertificateRole {
  return ROLES.includes(text);
}
