import { expect } from "vitest";
import type { Parameters } from "./aliyun.ts";
import { type CrashPart, type Thing, Tracked, TrackedList, untilGone } from "./crash-model.ts";
import { type DeviceKey, deviceParameters } from "./device-signature.ts";
import { type CrashWorld, fields } from "./ltl-crash-world.ts";
import type { LtlSetup } from "./ltl-world.ts";

interface Registered {
  readonly device: DeviceKey;
  readonly deviceId: string;
  readonly group: Thing<Parameters>;
  readonly tracked: Tracked<string>;
}

const FIELDS = ["Status", "ProductKey", "Remark"];
const REGISTERED_A_ROUND = 4;

/** Device groups that come, and lose and get their authorization, as devices of the first ones do. */
export class DeviceGroups implements CrashPart {
  readonly #world: CrashWorld;
  readonly #products: string[];
  readonly #groups = new TrackedList<Parameters>();
  readonly #devices: Registered[] = [];
  #number = 0;

  private constructor(world: CrashWorld, products: readonly string[]) {
    this.#world = world;
    this.#products = [...products];
  }

  /** @param counts devices that have uploaded, and further products whose devices never do */
  static async create(
    world: CrashWorld,
    setup: LtlSetup,
    counts: { readonly devices: number; readonly products: number },
  ): Promise<DeviceGroups> {
    const products: string[] = [];
    for (let number = 0; number < counts.products; number += 1) products.push(await setup.product());
    const groups = new DeviceGroups(world, products);
    for (let number = 0; number < counts.devices; number += 1) await groups.#registerDevice(await setup.device());
    return groups;
  }

  async write(): Promise<void> {
    let registered = 0;
    const register = async () => {
      registered += 1;
      const productKey = registered > REGISTERED_A_ROUND ? undefined : this.#products.pop();
      if (productKey === undefined) await this.#changeGroup();
      else await this.#register(productKey);
    };
    const changeDevice = () => this.#changeDevice();
    await Promise.all([untilGone(register), untilGone(() => this.#changeGroup()), untilGone(changeDevice)]);
  }

  async check(): Promise<void> {
    const rows = await this.#world.client.readAll("ListDeviceGroup", this.#place());
    for (const row of rows) expect(row).toMatchObject({ AuthorizeType: "ID2", OwnerUid: expect.any(String) });
    const found = rows.map((row) => [String(row["DeviceGroupId"]), fields(row, FIELDS)] as const);
    for (const fate of this.#groups.settle(found, "device group")) this.#world.client.noteFate("device group", fate);
    for (const registered of this.#devices) await this.#checkDevice(registered);
  }

  checkAll(): Promise<void> {
    return this.check();
  }

  async #checkDevice({ device, deviceId, group, tracked }: Registered): Promise<void> {
    const { client } = this.#world;
    const sought = { ...this.#place(), DeviceGroupId: group.id ?? "" };
    const listed = await client.readAll("ListDevice", sought);
    expect(listed).toEqual([
      { IotId: device.iotId, DeviceId: deviceId, Status: expect.any(String), LastSaveTime: expect.any(Number) },
    ]);
    client.noteFate("device", tracked.settle(String(listed[0]?.["Status"]), `device ${deviceId}`));
    const mayUpload = tracked.state === "AUTHORIZED" && group.tracked.state?.["Status"] === "AUTHORIZED";
    const { status, body, text } = await client.ask("SetDataWithSignature", this.#upload(device));
    expect([status, body["Code"]], text).toEqual(mayUpload ? [200, 200] : [403, "NoPermission"]);
  }

  async #registerDevice(device: DeviceKey): Promise<void> {
    const group = await this.#register(device.productKey);
    await this.#world.client.write("SetDataWithSignature", this.#upload(device));
    const sought = { ...this.#place(), DeviceGroupId: group.id ?? "" };
    const [row] = await this.#world.client.readAll("ListDevice", sought);
    const deviceId = String(row?.["DeviceId"]);
    this.#devices.push({ device, deviceId, group, tracked: new Tracked("AUTHORIZED") });
  }

  async #register(ProductKey: string): Promise<Thing<Parameters>> {
    this.#number += 1;
    const Remark = `备注 ${this.#number}`;
    const names = { DeviceGroupName: `group-${this.#number}`, AuthorizeType: "ID2" };
    const parameters = { ...this.#place(), ...names, ProductKey, Remark };
    return this.#groups.create({ Status: "AUTHORIZED", ProductKey, Remark }, async () =>
      String((await this.#world.client.write("RegisterDeviceGroup", parameters)).data),
    );
  }

  async #changeGroup(): Promise<void> {
    const free = this.#groups.things.filter(({ id, tracked }) => id !== undefined && !tracked.isOpen);
    const { id = "", tracked } = this.#world.choose.oneOf(free);
    const isAuthorized = tracked.state?.["Status"] === "AUTHORIZED";
    const action = isAuthorized ? "UnAuthorizeDeviceGroup" : "AuthorizeDeviceGroup";
    const next = { ...tracked.state, Status: isAuthorized ? "UNAUTHORIZED" : "AUTHORIZED" };
    await tracked.change(next, () => this.#world.client.write(action, { ...this.#place(), DeviceGroupId: id }));
  }

  async #changeDevice(): Promise<void> {
    const { group, deviceId, tracked } = this.#world.choose.oneOf(this.#devices);
    const parameters = { ...this.#place(), DeviceGroupId: group.id ?? "", DeviceId: deviceId };
    const isAuthorized = tracked.state === "AUTHORIZED";
    await tracked.change(isAuthorized ? "UNAUTHORIZED" : "AUTHORIZED", () =>
      this.#world.client.write(isAuthorized ? "UnAuthorizeDevice" : "AuthorizeDevice", parameters),
    );
  }

  #upload(device: DeviceKey): Parameters {
    this.#number += 1;
    const { productKey, dataTypeCode } = this.#world.administered;
    const Value = `value-${this.#number}`;
    const Key = `0001_${productKey}_${dataTypeCode}_${device.iotId}-${this.#number}`;
    return { ProductKey: productKey, Key, Value, ...deviceParameters(device, Value) };
  }

  #place() {
    return { BizChainId: this.#world.administered.bizChainId };
  }
}
