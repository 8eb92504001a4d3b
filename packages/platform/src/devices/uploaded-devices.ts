import { bytesToUtf8 } from "@concordat/base";
import type { DeviceJson, DevicesPageJson } from "@concordat/contracts";
import type { Ledger } from "@concordat/ledger";
import { contractOfService } from "../chains/channel-config.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import type { BusinessChain, Principal } from "../ports.ts";

export interface UploadedDevicesDependencies {
  readonly ledger: Pick<Ledger, "evaluate">;
  readonly directory: Directory;
}

/** The devices that have uploaded to a chain, as its contract wrote them down with the uploads. */
export class UploadedDevices {
  readonly #dependencies: UploadedDevicesDependencies;

  constructor(dependencies: UploadedDevicesDependencies) {
    this.#dependencies = dependencies;
  }

  /** By device id. */
  async list(
    chain: BusinessChain,
    caller: Principal,
    query: { readonly productKey: string; readonly iotId?: string; readonly page: number; readonly pageSize: number },
  ): Promise<DevicesPageJson> {
    const { productKey, iotId, page, pageSize } = query;
    // The contract takes only what could be one.
    if (iotId !== undefined && !/^[0-9A-F]{24}$/.test(iotId)) return { total: 0, devices: [] };
    const args = [productKey, iotId ?? "", String(page), String(pageSize)];
    return JSON.parse(await this.#evaluate(chain, caller, "devices", args)) as DevicesPageJson;
  }

  /** @throws PlatformError DEVICE_UNKNOWN */
  async get(
    chain: BusinessChain,
    caller: Principal,
    { productKey, deviceId }: { readonly productKey: string; readonly deviceId: string },
  ): Promise<DeviceJson> {
    if (!/^[0-9]{16}$/.test(deviceId)) throw new PlatformError("DEVICE_UNKNOWN");
    // Both answers are JSON that the contract wrote itself.
    return JSON.parse(await this.#evaluate(chain, caller, "device", [productKey, deviceId])) as DeviceJson;
  }

  async #evaluate(
    { channelId, service }: BusinessChain,
    { uid }: Principal,
    fn: string,
    args: readonly string[],
  ): Promise<string> {
    const { ledger, directory } = this.#dependencies;
    const request = { channelId, creator: directory.creator(uid), contract: contractOfService[service], fn, args };
    return bytesToUtf8(await onLedger(() => ledger.evaluate(request)));
  }
}
