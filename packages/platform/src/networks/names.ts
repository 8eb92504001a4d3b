import type { BlockCutting } from "@concordat/ledger";
import { PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";
import type { NewNetwork } from "./ports.ts";

/** @source Huawei BCS document: the documented defaults of a channel's block generation */
export const networkBlockCutting: BlockCutting = {
  messageCountMax: 500,
  bytesMax: 2 * 1024 * 1024,
  timeoutMs: 2_000,
  cutWhenIdle: false,
};

const limits = platformLimits.networks;
/** A label of a DNS name, or several with dots between them. */
const dnsName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
/** What a certificate has room for. */
const nodeNameMax = 64;

export interface CheckedNetwork {
  readonly name: string;
  readonly organizations: readonly string[];
  readonly peersPerOrganization: number;
  readonly orderers: number;
  readonly mutualTls: boolean;
}

export interface PlannedNode {
  readonly kind: "peer" | "orderer";
  readonly mspId: string;
  readonly name: string;
}

/** @throws PlatformError NAME_INVALID, NETWORK_LIMIT_REACHED */
export function checkNetwork(input: NewNetwork): CheckedNetwork {
  const { name, organizations, peersPerOrganization = 1, orderers = 1, mutualTls = false } = input;
  if (!/^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$/.test(name)) {
    throw new PlatformError("NAME_INVALID", "A network's name has 1 to 48 of a-z, 0-9 and inner hyphens.");
  }
  requireCount(organizations.length, limits.organizations, "organizations");
  requireCount(peersPerOrganization, limits.peersPerOrganization, "peers of an organization");
  requireCount(orderers, limits.orderers, "orderers");
  for (const mspId of organizations) requireMspId(mspId);
  if (new Set(organizations.map((mspId) => mspId.toLowerCase())).size < organizations.length) {
    throw new PlatformError(
      "NAME_INVALID",
      "Two of the organizations have the same MSP id, but for small and capital letters.",
    );
  }
  return { name, organizations, peersPerOrganization, orderers, mutualTls };
}

/** The nodes of a network. @throws PlatformError NAME_INVALID when a name has no room in a certificate */
export function planNodes({ name, organizations, peersPerOrganization, orderers }: CheckedNetwork): PlannedNode[] {
  const [first = ""] = organizations;
  const nodesOf = (kind: PlannedNode["kind"], mspId: string, count: number) =>
    Array.from({ length: count }, (_, at) => ({ kind, mspId, name: `${kind}${at}.${mspId.toLowerCase()}.${name}` }));
  const nodes = [
    ...nodesOf("orderer", first, orderers),
    ...organizations.flatMap((mspId) => nodesOf("peer", mspId, peersPerOrganization)),
  ];
  const long = nodes.find((node) => node.name.length > nodeNameMax);
  if (long === undefined) return nodes;
  throw new PlatformError(
    "NAME_INVALID",
    `A node would be named ${long.name}, which is over ${nodeNameMax} characters.`,
    {
      remedy: "Choose a shorter name for the network.",
    },
  );
}

/** @source Fabric configtx: `[a-z][a-z0-9.-]*`; business chains and the audit trail have names of their own */
export function requireChannelId(channelId: string): void {
  const isReserved = channelId === "audit" || channelId.startsWith("ltl-");
  if (/^[a-z][a-z0-9.-]{0,63}$/.test(channelId) && !isReserved) return;
  throw new PlatformError(
    "NAME_INVALID",
    "A channel's name has 1 to 64 of a-z, 0-9, dot and hyphen, begins with a letter and is not one of the server's own.",
  );
}

function requireMspId(mspId: string): void {
  if (/^[A-Za-z]/.test(mspId) && mspId.length <= 64 && dnsName.test(mspId.toLowerCase())) return;
  throw new PlatformError(
    "NAME_INVALID",
    "An MSP id has 1 to 63 letters, digits, inner dots and hyphens, and begins with a letter.",
  );
}

function requireCount(count: number, max: number, what: string): void {
  if (Number.isSafeInteger(count) && count >= 1 && count <= max) return;
  throw new PlatformError("NETWORK_LIMIT_REACHED", `A network has 1 to ${max} ${what}.`, { facts: { max } });
}
