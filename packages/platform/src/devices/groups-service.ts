import type { Clock, RandomSource } from "@concordat/base";
import type { Ledger } from "@concordat/ledger";
import { type ChainAction, chainActions } from "../access/actions.ts";
import type { Authorizer } from "../access/authorizer.ts";
import { isName, isRemark } from "../access/names.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import { requireChainPage } from "../chains/pages.ts";
import type { ControlChange, DeviceGroupRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { drawFree, newIds } from "../directory/ids.ts";
import { PlatformError } from "../errors.ts";
import type { Caller, ChainMembership, Principal } from "../ports.ts";
import { inOrder } from "../tenancy/context.ts";
import type { Page } from "../tenancy/ports.ts";
import { deviceGroupKey, toDeviceGroup } from "./groups.ts";
import type { Device, DeviceGroup, Devices } from "./ports.ts";
import { UploadedDevices } from "./uploaded-devices.ts";

export interface DeviceGroupsDependencies {
  readonly ledger: Pick<Ledger, "evaluate">;
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

type AccessCaller = Pick<Caller, "principal" | "scope" | "sourceAddress">;
interface GroupName {
  readonly bizChainId: string;
  readonly deviceGroupId: string;
}

/**
 * Groups and what they may do are rows of the directory, so that taking an authorization away works at once here and within a second on
 * other servers. Which devices there are is on the ledger, where uploads write it. An expired chain's groups can still be administered.
 */
export class DeviceGroupsService implements Devices {
  readonly #dependencies: DeviceGroupsDependencies;
  readonly #uploaded: UploadedDevices;
  readonly #ofProduct: (chainAndProduct: string) => readonly DeviceGroupRow[];
  readonly #ofChain: (bizChainId: string) => readonly DeviceGroupRow[];

  constructor(dependencies: DeviceGroupsDependencies) {
    this.#dependencies = dependencies;
    this.#uploaded = new UploadedDevices(dependencies);
    const groups = dependencies.directory.table("deviceGroups");
    this.#ofProduct = groups.index(deviceGroupKey);
    this.#ofChain = groups.index((row) => row.bizChainId);
  }

  async registerGroup(
    caller: Caller,
    input: {
      readonly bizChainId: string;
      readonly productKey: string;
      readonly name: string;
      readonly remark?: string;
    },
  ): Promise<DeviceGroup> {
    const { directory } = this.#dependencies;
    return directory.change(async () => {
      const action = chainActions.registerDeviceGroup;
      const { memberId } = this.#place(caller, action, input.bizChainId);
      const row = this.#plan(caller, input, memberId);
      const { deviceGroupId, productKey } = row;
      const audit = this.#audit(caller, action, input.bizChainId, { deviceGroupId, productKey });
      const result = toDeviceGroup(row, directory);
      return { changes: [{ table: "deviceGroups", row }], audit: [audit], result };
    });
  }

  async listGroups(
    caller: Principal,
    query: {
      readonly bizChainId: string;
      readonly productKey?: string;
      readonly page: number;
      readonly pageSize: number;
    },
  ): Promise<Page<DeviceGroup>> {
    const { directory, authorizer } = this.#dependencies;
    const { bizChainId, productKey, page, pageSize } = query;
    const place = this.#place(authorizer.wholeCaller(caller), chainActions.listDeviceGroups, bizChainId);
    requireChainPage(query);
    const rows = this.#ofChain(bizChainId).filter(
      (row) => isSeenFrom(place, row) && (productKey === undefined || row.productKey === productKey),
    );
    const shown = inOrder(rows, (row) => row.deviceGroupId).slice((page - 1) * pageSize, page * pageSize);
    return { total: rows.length, items: shown.map((row) => toDeviceGroup(row, directory)) };
  }

  async setGroupAuthorized(
    caller: Caller,
    input: { readonly bizChainId: string; readonly deviceGroupId: string; readonly authorized: boolean },
  ): Promise<void> {
    const { bizChainId, deviceGroupId, authorized } = input;
    const action = authorized ? chainActions.authorizeDeviceGroup : chainActions.unauthorizeDeviceGroup;
    await this.#dependencies.directory.change(async () => {
      const group = this.#requireGroup(this.#place(caller, action, bizChainId), input);
      if (group.authorized === authorized) return { changes: [], result: undefined };
      const audit = this.#audit(caller, action, bizChainId, { deviceGroupId });
      const row = { ...group, authorized };
      return { changes: [{ table: "deviceGroups", row }], audit: [audit], result: undefined };
    });
  }

  async list(
    caller: Principal,
    query: {
      readonly bizChainId: string;
      readonly deviceGroupId: string;
      readonly iotId?: string;
      readonly page: number;
      readonly pageSize: number;
    },
  ): Promise<Page<Device>> {
    const { directory, authorizer } = this.#dependencies;
    const place = this.#place(authorizer.wholeCaller(caller), chainActions.listDevices, query.bizChainId);
    requireChainPage(query);
    const { productKey, deviceGroupId } = this.#requireGroup(place, query);
    const { total, devices } = await this.#uploaded.list(place.chain, caller, { ...query, productKey });
    const items = devices.map(({ deviceId, iotId, lastMs }) => ({
      deviceId,
      iotId,
      lastSaveMs: lastMs,
      authorized: directory.row("unauthorizedDevices", deviceGroupId, iotId) === undefined,
    }));
    return { total, items };
  }

  async setAuthorized(
    caller: Caller,
    input: {
      readonly bizChainId: string;
      readonly deviceGroupId: string;
      readonly deviceId: string;
      readonly authorized: boolean;
    },
  ): Promise<void> {
    const { directory, clock } = this.#dependencies;
    const { bizChainId, deviceGroupId, deviceId, authorized } = input;
    const action = authorized ? chainActions.authorizeDevice : chainActions.unauthorizeDevice;
    const place = this.#place(caller, action, bizChainId);
    const { productKey } = this.#requireGroup(place, input);
    // Once a device is on the ledger its id and its ID2 belong together for ever: it need not be asked again below.
    const { iotId } = await this.#uploaded.get(place.chain, caller.principal, { productKey, deviceId });
    await directory.change(async () => {
      this.#requireGroup(this.#place(caller, action, bizChainId), input);
      const before = directory.row("unauthorizedDevices", deviceGroupId, iotId);
      if ((before === undefined) === authorized) return { changes: [], result: undefined };
      const row = before ?? { deviceGroupId, iotId, deviceId, sinceMs: clock.nowMs() };
      const change: ControlChange = { table: "unauthorizedDevices", row, ...(authorized ? { remove: true } : {}) };
      const audit = this.#audit(caller, action, bizChainId, { deviceGroupId, deviceId, iotId });
      return { changes: [change], audit: [audit], result: undefined };
    });
  }

  /** @throws PlatformError SERVICE_NOT_OPENED, CHAIN_UNKNOWN, ACCOUNT_KIND_REFUSED, ACCESS_DENIED */
  #place(caller: AccessCaller, action: ChainAction, bizChainId: string): ChainMembership {
    const { authorizer, directory } = this.#dependencies;
    authorizer.requireService(caller.principal);
    const chain = directory.chain(bizChainId);
    if (chain === undefined) throw new PlatformError("CHAIN_UNKNOWN");
    return authorizer.placeOnChain(caller, action, chain);
  }

  /** Another member's group is as unknown as one that is not there. */
  #requireGroup(place: ChainMembership, { bizChainId, deviceGroupId }: GroupName): DeviceGroupRow {
    const row = this.#dependencies.directory.row("deviceGroups", deviceGroupId);
    const isThere = row !== undefined && row.bizChainId === bizChainId && isSeenFrom(place, row);
    if (!isThere) throw new PlatformError("DEVICE_GROUP_UNKNOWN");
    return row;
  }

  #plan(
    caller: Caller,
    input: { bizChainId: string; productKey: string; name: string; remark?: string },
    memberId: string,
  ): DeviceGroupRow {
    const { directory, clock, random } = this.#dependencies;
    const { bizChainId, productKey, name, remark = "" } = input;
    if (!isName(name)) throw new PlatformError("NAME_INVALID");
    if (!isRemark(remark)) throw new PlatformError("REMARK_INVALID");
    const product = directory.row("deviceProducts", productKey);
    const isOpen = product?.bizChainId === null || product?.bizChainId === bizChainId;
    if (product?.tenantId !== caller.tenantId || !isOpen) throw new PlatformError("PRODUCT_UNKNOWN");
    if (this.#ofProduct(deviceGroupKey(input)).length > 0) throw new PlatformError("DEVICE_GROUP_EXISTS");
    const deviceGroupId = drawFree(
      () => newIds.deviceGroupId(random),
      (id) => directory.row("deviceGroups", id) !== undefined,
    );
    const createdMs = clock.nowMs();
    return { deviceGroupId, bizChainId, productKey, name, remark, memberId, authorized: true, createdMs };
  }

  #audit(caller: Caller, action: ChainAction, bizChainId: string, detail: Readonly<Record<string, unknown>>) {
    return auditEntry(caller, { action, resource: { kind: "chain", id: bizChainId }, detail }, this.#dependencies);
  }
}

function isSeenFrom({ role, memberId }: ChainMembership, group: DeviceGroupRow): boolean {
  return role === "administrator" || group.memberId === memberId;
}
