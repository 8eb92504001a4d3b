import { InvariantError } from "@concordat/base";
import type { DeviceGroupRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import type { DeviceGroup } from "./ports.ts";

/** A chain has one group of a product: what it is found by. */
export function deviceGroupKey({ bizChainId, productKey }: Pick<DeviceGroupRow, "bizChainId" | "productKey">): string {
  return JSON.stringify([bizChainId, productKey]);
}

/** Its owner is whoever has the registering member's place now: by its name on the chain, the administrator by that of its account. */
export function toDeviceGroup(row: DeviceGroupRow, directory: Directory): DeviceGroup {
  const { memberId, ...group } = row;
  const owner = directory.row("memberships", row.bizChainId, memberId);
  if (owner === undefined)
    throw new InvariantError(`The owner of device group ${row.deviceGroupId} is not in the directory.`);
  const account = owner.role === "administrator" ? directory.row("principals", owner.uid) : undefined;
  return { ...group, ownerName: account?.name ?? owner.name, ownerUid: owner.uid };
}
