import { createPrivateKey } from "node:crypto";
import { InvariantError } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { DeviceProductRow, DeviceRow } from "../control-store/rows.ts";
import { Mutex } from "../directory/mutex.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import { PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";
import type { Caller } from "../ports.ts";
import { inOrder, pageOf, TenancyContext, type TenancyDependencies } from "../tenancy/context.ts";
import type { Page, PageQuery } from "../tenancy/ports.ts";
import { type NewDeviceKey, newDeviceKeys, newDeviceRows } from "./new-identities.ts";
import type { DeviceIdentities, DeviceIdentity, DeviceKeyAlgorithm, DeviceProvisioning } from "./ports.ts";

export interface DeviceIdentitiesDependencies extends TenancyDependencies {
  readonly sealer: Sealer;
}

/** An identity is of its product's tenant. */
type PlacedDevice = DeviceRow & { readonly tenantId: string };

/** Rows of the directory, their keys sealed; an identity is never removed, because records on chains name it. */
export class DeviceIdentitiesService implements DeviceIdentities {
  readonly #dependencies: DeviceIdentitiesDependencies;
  readonly #context: TenancyContext;
  readonly #products: TenancyContext;
  readonly #ofProduct: (productKey: string) => readonly DeviceRow[];
  readonly #makingKeys = new Mutex();

  constructor(dependencies: DeviceIdentitiesDependencies) {
    this.#dependencies = dependencies;
    const noun = { service: "platform", kind: "deviceIdentity" } as const;
    this.#context = new TenancyContext({ ...noun, unknown: "DEVICE_IDENTITY_UNKNOWN" }, dependencies);
    this.#products = new TenancyContext({ ...noun, unknown: "PRODUCT_UNKNOWN" }, dependencies);
    this.#ofProduct = dependencies.directory.table("devices").index((row) => row.productKey);
  }

  async provision(
    caller: Caller,
    input: { readonly productKey: string; readonly algorithm: DeviceKeyAlgorithm; readonly count: number },
  ): Promise<readonly DeviceIdentity[]> {
    const { directory, random } = this.#dependencies;
    const { productKey, algorithm, count } = input;
    this.#requireProduct(caller, "create", productKey);
    requireCount(count);
    this.#requireRoom(count);
    // Outside of the change, which holds all others up. RSA keys take their time: they are made for one call at a time.
    const make = () => newDeviceKeys(algorithm, count, random);
    const keys = await (algorithm === "rsa-1024" ? this.#makingKeys.run(make) : make());
    return directory.change(async () => {
      this.#requireProduct(caller, "create", productKey);
      return this.#plan(caller, productKey, keys);
    });
  }

  async list(caller: Caller, query: PageQuery & { readonly productKey: string }): Promise<Page<DeviceIdentity>> {
    this.#requireProduct(caller, "list", query.productKey);
    const { total, items } = pageOf(
      inOrder(this.#ofProduct(query.productKey), (row) => row.iotId),
      query,
    );
    return { total, items: items.map(toIdentity) };
  }

  async get(caller: Caller, iotId: string): Promise<DeviceIdentity> {
    return toIdentity(this.#find(caller, "get", iotId));
  }

  async export(caller: Caller, iotId: string): Promise<DeviceProvisioning> {
    const { directory, clock } = this.#dependencies;
    return directory.change(async () => {
      const { tenantId: _, ...before } = this.#find(caller, "export", iotId);
      const { algorithm, productKey, exportedMs, keySealed } = before;
      if (exportedMs !== null)
        throw new PlatformError("DEVICE_IDENTITY_EXPORTED", undefined, { facts: { exportedMs } });
      const key = this.#keyText(before);
      const result: DeviceProvisioning = { format: "concordat-device/1", iotId, productKey, algorithm, key };
      // Signatures of RSA are checked by the public half, so that nobody but the device needs the private one.
      const row = { ...before, keySealed: algorithm === "rsa-1024" ? null : keySealed, exportedMs: clock.nowMs() };
      const audit = this.#context.audit(caller, "export", iotId, { productKey, algorithm });
      return { changes: [{ table: "devices", row }], audit: [audit], result };
    });
  }

  async setEnabled(caller: Caller, iotId: string, enabled: boolean): Promise<DeviceIdentity> {
    return this.#dependencies.directory.change(async () => {
      const { tenantId: _, ...before } = this.#find(caller, "update", iotId);
      if (before.enabled === enabled) return { changes: [], result: toIdentity(before) };
      const row = { ...before, enabled };
      const audit = this.#context.audit(caller, "update", iotId, { productKey: before.productKey, enabled });
      return { changes: [{ table: "devices", row }], audit: [audit], result: toIdentity(row) };
    });
  }

  #plan(caller: Caller, productKey: string, keys: readonly NewDeviceKey[]) {
    this.#requireRoom(keys.length);
    const rows = newDeviceRows(productKey, keys, this.#dependencies);
    const [first] = rows;
    const detail = { productKey, count: rows.length, algorithm: first?.algorithm };
    const audit = this.#context.audit(caller, "create", productKey, detail);
    const changes = rows.map((row) => ({ table: "devices", row }) as const);
    return { changes, audit: [audit], result: inOrder(rows, (row) => row.iotId).map(toIdentity) };
  }

  #keyText({ iotId, algorithm, keySealed }: DeviceRow): string {
    if (keySealed === null) throw new InvariantError(`Device ${iotId} has no key and was not exported.`);
    const bytes = Buffer.from(this.#dependencies.sealer.open(sealingPurposes.deviceKey(iotId), keySealed));
    if (algorithm !== "rsa-1024") return bytes.toString("hex");
    return createPrivateKey({ key: bytes, format: "der", type: "pkcs8" })
      .export({ format: "pem", type: "pkcs8" })
      .toString();
  }

  #requireProduct(caller: Caller, verb: string, productKey: string): DeviceProductRow {
    const row = this.#dependencies.directory.row("deviceProducts", productKey);
    return this.#products.requireRow(caller, verb, productKey, row);
  }

  #find(caller: Caller, verb: string, iotId: string): PlacedDevice {
    const { directory } = this.#dependencies;
    const row = directory.row("devices", iotId);
    const product = row === undefined ? undefined : directory.row("deviceProducts", row.productKey);
    const placed = row === undefined || product === undefined ? undefined : { ...row, tenantId: product.tenantId };
    return this.#context.requireRow(caller, verb, iotId, placed);
  }

  #requireRoom(count: number): void {
    const { identities } = platformLimits.devices;
    if (this.#dependencies.directory.table("devices").size + count > identities) {
      throw new PlatformError("DEVICE_LIMIT_REACHED", undefined, { facts: { identities } });
    }
  }
}

function requireCount(count: number): void {
  const { provisionedAtOnce } = platformLimits.devices;
  if (!Number.isSafeInteger(count) || count < 1 || count > provisionedAtOnce) {
    const summary = `One call makes 1 to ${provisionedAtOnce} device identities.`;
    throw new PlatformError("DEVICE_LIMIT_REACHED", summary, { facts: { provisionedAtOnce } });
  }
}

function toIdentity({ iotId, productKey, algorithm, enabled, exportedMs, createdMs }: DeviceRow): DeviceIdentity {
  return { iotId, productKey, algorithm, enabled, exportedMs, createdMs };
}
