import type { NetworkChannelRow, NetworkRow } from "../control-store/rows.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";

/**
 * The organization in whose name the caller acts on a channel: that asked for, else its own if it is there, else the first. All of them
 * belong to the network's tenant.
 * @throws PlatformError ORGANIZATION_UNKNOWN
 */
export function actingOrganization(
  caller: Caller,
  { organizations }: NetworkChannelRow,
  asked: string | undefined,
): string {
  const own = organizations.find((mspId) => mspId === caller.principal.mspId);
  const mspId = asked ?? own ?? organizations[0];
  if (mspId !== undefined && organizations.includes(mspId)) return mspId;
  throw new PlatformError("ORGANIZATION_UNKNOWN", "The organization is not on the channel.");
}

/** @throws PlatformError ORGANIZATION_UNKNOWN */
export function organizationsOf(
  { organizations }: NetworkRow | NetworkChannelRow,
  asked: readonly string[] | undefined,
): readonly string[] {
  if (asked === undefined) return organizations;
  const foreign = asked.find((mspId) => !organizations.includes(mspId));
  if (foreign === undefined && asked.length > 0) return [...new Set(asked)];
  throw new PlatformError("ORGANIZATION_UNKNOWN", "The network or channel has no such organization.");
}
