import type { DeviceRow } from "../control-store/rows.ts";
import type { Caller, Principal } from "../ports.ts";
import type { Page, PageQuery } from "../tenancy/ports.ts";

/** A device's signature over data, as it came: nothing of it is believed yet. @source LTL document, section 4.2.8.4 */
export interface DeviceSignature {
  /** `ID2`. */
  readonly authType: string;
  /** 24 upper-case hex digits. */
  readonly iotId: string;
  /** The product key of the device. */
  readonly serviceProvider: string;
  /** 64 upper-case hex digits: SHA-256 of the data's UTF-8 bytes. */
  readonly dataDigest: string;
  /** Link ID2 authentication code `T~H~R~C~B`. */
  readonly signature: string;
  /** `1` open platform, `2` IoT platform. */
  readonly source: string;
}

export interface DeviceGroup {
  /** 16 decimal digits. */
  readonly deviceGroupId: string;
  readonly bizChainId: string;
  readonly productKey: string;
  readonly name: string;
  readonly remark: string;
  readonly ownerName: string;
  readonly ownerUid: string;
  readonly authorized: boolean;
  readonly createdMs: number;
}

/** A device that has uploaded to a chain. */
export interface Device {
  /** 16 decimal digits. */
  readonly deviceId: string;
  readonly iotId: string;
  /** Time of its last upload's transaction. */
  readonly lastSaveMs: number;
  /** Its own authorization, whatever its group has. */
  readonly authorized: boolean;
}

/**
 * Device groups (one product's devices on one chain) and their devices.
 * @source LTL document, sections 3.1.2, 3.1.3 and 4.2.7.6 to 4.2.7.12
 */
export interface Devices {
  /**
   * A group is authorized at once. The product is one of the caller's tenant, for this chain or any.
   * @throws PlatformError ACCESS_DENIED, CHAIN_UNKNOWN, PRODUCT_UNKNOWN, DEVICE_GROUP_EXISTS, NAME_INVALID, REMARK_INVALID
   */
  registerGroup(
    caller: Caller,
    input: {
      readonly bizChainId: string;
      readonly productKey: string;
      readonly name: string;
      readonly remark?: string;
    },
  ): Promise<DeviceGroup>;
  /** By creation, then id. A member sees the groups that it registered, the administrator all. @throws PlatformError ACCESS_DENIED, CHAIN_UNKNOWN, PAGE_INVALID */
  listGroups(
    caller: Principal,
    query: {
      readonly bizChainId: string;
      readonly productKey?: string;
      readonly page: number;
      readonly pageSize: number;
    },
  ): Promise<Page<DeviceGroup>>;
  /** @throws PlatformError ACCESS_DENIED, CHAIN_UNKNOWN, DEVICE_GROUP_UNKNOWN */
  setGroupAuthorized(
    caller: Caller,
    input: { readonly bizChainId: string; readonly deviceGroupId: string; readonly authorized: boolean },
  ): Promise<void>;
  /** By device id. A member sees devices of its own groups. @throws PlatformError ACCESS_DENIED, CHAIN_UNKNOWN, DEVICE_GROUP_UNKNOWN, PAGE_INVALID */
  list(
    caller: Principal,
    query: {
      readonly bizChainId: string;
      readonly deviceGroupId: string;
      readonly iotId?: string;
      readonly page: number;
      readonly pageSize: number;
    },
  ): Promise<Page<Device>>;
  /** @throws PlatformError ACCESS_DENIED, CHAIN_UNKNOWN, DEVICE_GROUP_UNKNOWN, DEVICE_UNKNOWN */
  setAuthorized(
    caller: Caller,
    input: {
      readonly bizChainId: string;
      readonly deviceGroupId: string;
      readonly deviceId: string;
      readonly authorized: boolean;
    },
  ): Promise<void>;
}

export type DeviceKeyAlgorithm = DeviceRow["algorithm"];

export interface DeviceIdentity {
  readonly iotId: string;
  readonly productKey: string;
  readonly algorithm: DeviceKeyAlgorithm;
  readonly enabled: boolean;
  readonly exportedMs: number | null;
  readonly createdMs: number;
}

/** What is put on a device: the provisioning format `concordat-device/1`, which package `device` reads. */
export interface DeviceProvisioning {
  readonly format: "concordat-device/1";
  readonly iotId: string;
  readonly productKey: string;
  readonly algorithm: DeviceKeyAlgorithm;
  /** Symmetric keys in hex, private RSA keys as PKCS#8 in PEM. */
  readonly key: string;
}

/** Identities of devices with their keys, for whoever administers the product's tenant. Lists are ordered by creation, then id. */
export interface DeviceIdentities {
  /** @throws PlatformError ACCESS_DENIED, PRODUCT_UNKNOWN, DEVICE_LIMIT_REACHED */
  provision(
    caller: Caller,
    input: {
      readonly productKey: string;
      readonly algorithm: DeviceKeyAlgorithm;
      /** 1 to platformLimits.devices.provisionedAtOnce. */
      readonly count: number;
    },
  ): Promise<readonly DeviceIdentity[]>;
  /** @throws PlatformError ACCESS_DENIED, PRODUCT_UNKNOWN, PAGE_INVALID */
  list(caller: Caller, query: PageQuery & { readonly productKey: string }): Promise<Page<DeviceIdentity>>;
  /** @throws PlatformError ACCESS_DENIED, DEVICE_IDENTITY_UNKNOWN */
  get(caller: Caller, iotId: string): Promise<DeviceIdentity>;
  /**
   * Hands the key out, once: it is marked on disk before it is answered. A private RSA key is gone afterwards.
   * @throws PlatformError ACCESS_DENIED, DEVICE_IDENTITY_UNKNOWN, DEVICE_IDENTITY_EXPORTED
   */
  export(caller: Caller, iotId: string): Promise<DeviceProvisioning>;
  /** The signatures of one that is switched off are refused. @throws PlatformError ACCESS_DENIED, DEVICE_IDENTITY_UNKNOWN */
  setEnabled(caller: Caller, iotId: string, enabled: boolean): Promise<DeviceIdentity>;
}
