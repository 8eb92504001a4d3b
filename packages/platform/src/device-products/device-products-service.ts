import { isGroupName } from "../access/names.ts";
import type { DeviceGroupRow, DeviceRow } from "../control-store/rows.ts";
import { drawFree, newIds } from "../directory/ids.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import {
  inOrder,
  pageOf,
  requireDescription,
  requireName,
  TenancyContext,
  type TenancyDependencies,
} from "../tenancy/context.ts";
import type { Page, PageQuery } from "../tenancy/ports.ts";
import type { DeviceProduct, DeviceProducts } from "./ports.ts";

/** The registry of device products. */
export class DeviceProductsService implements DeviceProducts {
  readonly #dependencies: TenancyDependencies;
  readonly #context: TenancyContext;
  readonly #ofTenant: (tenantId: string) => readonly DeviceProduct[];
  readonly #identitiesOf: (productKey: string) => readonly DeviceRow[];
  readonly #groupsOf: (productKey: string) => readonly DeviceGroupRow[];

  constructor(dependencies: TenancyDependencies) {
    this.#dependencies = dependencies;
    const noun = { service: "platform", kind: "deviceProduct", unknown: "PRODUCT_UNKNOWN" } as const;
    this.#context = new TenancyContext(noun, dependencies);
    const { directory } = dependencies;
    this.#ofTenant = directory.table("deviceProducts").index((row) => row.tenantId);
    this.#identitiesOf = directory.table("devices").index((row) => row.productKey);
    this.#groupsOf = directory.table("deviceGroups").index((row) => row.productKey);
  }

  async create(
    caller: Caller,
    input: { tenantId?: string; name: string; description?: string; bizChainId?: string },
  ): Promise<DeviceProduct> {
    const { directory, clock, random } = this.#dependencies;
    const { name, bizChainId = null } = input;
    requireName(name, isGroupName, "1 to 64 letters, digits, spaces inside or characters of _-.");
    const description = requireDescription(input.description);
    return directory.change(async () => {
      const tenantId = this.#context.requireTenant(caller, "create", input.tenantId);
      if (bizChainId !== null) this.#requireChain(tenantId, bizChainId);
      if (this.#ofTenant(tenantId).some((row) => row.name === name)) throw new PlatformError("NAME_EXISTS");
      const productKey = drawFree(
        () => newIds.productKey(random),
        (key) => directory.row("deviceProducts", key) !== undefined,
      );
      const row: DeviceProduct = { productKey, tenantId, bizChainId, name, description, createdMs: clock.nowMs() };
      const audit = this.#context.audit(caller, "create", productKey, { name, bizChainId });
      return { changes: [{ table: "deviceProducts", row }], audit: [audit], result: row };
    });
  }

  async list(
    caller: Caller,
    query: PageQuery & { readonly tenantId?: string; readonly name?: string; readonly bizChainId?: string },
  ): Promise<Page<DeviceProduct>> {
    const { name, bizChainId } = query;
    const tenantId = this.#context.requireTenant(caller, "list", query.tenantId);
    const rows = this.#ofTenant(tenantId).filter(
      (row) => (name === undefined || row.name === name) && (bizChainId === undefined || row.bizChainId === bizChainId),
    );
    const ordered = inOrder(rows, (row) => row.productKey);
    return pageOf(ordered, query);
  }

  async get(caller: Caller, productKey: string): Promise<DeviceProduct> {
    return this.#find(caller, "get", productKey);
  }

  async delete(caller: Caller, productKey: string): Promise<void> {
    await this.#dependencies.directory.change(async () => {
      const row = this.#find(caller, "delete", productKey);
      const isInUse = this.#identitiesOf(productKey).length > 0 || this.#groupsOf(productKey).length > 0;
      if (isInUse) throw new PlatformError("RESOURCE_IN_USE");
      const audit = this.#context.audit(caller, "delete", productKey, { name: row.name, bizChainId: row.bizChainId });
      return { changes: [{ table: "deviceProducts", row, remove: true }], audit: [audit], result: undefined };
    });
  }

  #find(caller: Caller, verb: string, productKey: string): DeviceProduct {
    const row = this.#dependencies.directory.row("deviceProducts", productKey);
    return this.#context.requireRow(caller, verb, productKey, row);
  }

  /** A chain that nobody of the tenant is on is as unknown as one that is not there. */
  #requireChain(tenantId: string, bizChainId: string): void {
    const { directory } = this.#dependencies;
    const isOfTenant = ({ uid }: { readonly uid: string }) => {
      const principal = directory.principal(uid);
      return principal !== undefined && directory.tenantIdOf(principal) === tenantId;
    };
    const onChain = directory.chain(bizChainId) === undefined ? [] : directory.membershipRows(bizChainId);
    if (!onChain.some((row) => row.status === "active" && isOfTenant(row))) throw new PlatformError("CHAIN_UNKNOWN");
  }
}
