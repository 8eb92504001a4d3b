import { NODE_UNITS } from "../x509/roles.ts";

const HEADINGS = { client: "Client", peer: "Peer", admin: "Admin", orderer: "Orderer" } as const;

/**
 * `config.yaml` of an MSP: which organizational unit says which role, and under which authority. Fabric takes one path only and, without
 * one, every authority of the MSP: an organization that has changed its authority leaves it out, or its older certificates would
 * have no role.
 * @source Hyperledger Fabric, set-up of an MSP (msp/mspimplsetup.go)
 */
export function nodeUnitsYaml(authorityPaths: readonly string[]): string {
  const [path, ...more] = authorityPaths;
  const certificate = path !== undefined && more.length === 0 ? `    Certificate: ${path}\n` : "";
  const units = NODE_UNITS.map(
    (unit) => `  ${HEADINGS[unit]}OUIdentifier:\n${certificate}    OrganizationalUnitIdentifier: ${unit}\n`,
  );
  return `NodeOUs:\n  Enable: true\n${units.join("")}`;
}
