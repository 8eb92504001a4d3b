import type { DeviceProductRow } from "../control-store/rows.ts";
import type { Caller } from "../ports.ts";
import type { Page, PageQuery } from "../tenancy/ports.ts";

export type DeviceProduct = DeviceProductRow;

/** Kinds of devices, with the business chain that their data goes to alone where it is said. Lists are ordered by creation, then product key. */
export interface DeviceProducts {
  /**
   * Without a chain, data may go to any. On one that is named, somebody of the tenant that gets the product must be administrator or member.
   * @throws PlatformError ACCESS_DENIED, TENANT_UNKNOWN, CHAIN_UNKNOWN, NAME_INVALID, NAME_EXISTS, DESCRIPTION_INVALID
   */
  create(
    caller: Caller,
    input: { tenantId?: string; name: string; description?: string; bizChainId?: string },
  ): Promise<DeviceProduct>;
  /** @throws PlatformError ACCESS_DENIED, TENANT_UNKNOWN, PAGE_INVALID */
  list(
    caller: Caller,
    query: PageQuery & { readonly tenantId?: string; readonly name?: string; readonly bizChainId?: string },
  ): Promise<Page<DeviceProduct>>;
  /** @throws PlatformError ACCESS_DENIED, PRODUCT_UNKNOWN */
  get(caller: Caller, productKey: string): Promise<DeviceProduct>;
  /** Only one without identities and device groups. @throws PlatformError ACCESS_DENIED, PRODUCT_UNKNOWN, RESOURCE_IN_USE */
  delete(caller: Caller, productKey: string): Promise<void>;
}
