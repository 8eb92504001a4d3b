import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Parameters } from "./aliyun.ts";
import { type CrashPart, untilGone } from "./crash-model.ts";
import { deviceParameters } from "./device-signature.ts";
import type { CrashDevice, CrashWorld } from "./ltl-crash-world.ts";

interface Entry {
  readonly action: string;
  readonly parameters: Parameters;
  /** Undefined while it had no answer. */
  txId: string | undefined;
}

interface HistoryRow {
  readonly value: string;
  readonly transactionHash: string;
  readonly businessId: string;
}

const ATTACHED = 3;

/** Keys with what is attached to them, over and over. */
export class EvidenceWrites implements CrashPart {
  readonly #world: CrashWorld;
  readonly #name: string;
  readonly #device: CrashDevice | undefined;
  /** Entries of each key, in their order. */
  readonly #settled: Entry[][] = [];
  #round: Entry[][] = [];
  #number = 0;

  /** @param name begins the keys; no other stream has it */
  constructor(world: CrashWorld, name: string, device?: CrashDevice) {
    this.#world = world;
    this.#name = name;
    this.#device = device;
  }

  write(): Promise<void> {
    return untilGone(async () => {
      this.#number += 1;
      const entries: Entry[] = [];
      this.#round.push(entries);
      for (let count = 0; count <= ATTACHED; count += 1) {
        const entry = this.#newEntry(count);
        entries.push(entry);
        await this.#send(entry);
      }
    });
  }

  async check(): Promise<void> {
    const round = this.#round;
    this.#round = [];
    for (const entries of round) {
      await this.#settle(entries);
      await this.#checkKey(entries);
    }
    this.#settled.push(...round);
    await this.#checkUsedCodes(round.slice(-5).flat());
    await this.#checkDevice();
  }

  async checkAll(): Promise<void> {
    for (const entries of this.#settled) await this.#checkKey(entries);
  }

  #newEntry(count: number): Entry {
    const value = `${this.#name} ${this.#number} 第${count}`;
    const { productKey } = this.#world.proof;
    const businessId = createHash("sha256").update(value).digest("hex");
    const signed = this.#device === undefined ? {} : deviceParameters(this.#device, value);
    return {
      action: `${count === 0 ? "SetData" : "AttachData"}${this.#device === undefined ? "" : "WithSignature"}`,
      parameters: {
        ProductKey: productKey,
        Key: this.#key(`${this.#name}-${this.#number}`),
        Value: value,
        ...(count === 0 ? {} : { BusinessId: businessId }),
        ...signed,
      },
      txId: undefined,
    };
  }

  #key(id: string): string {
    const { productKey, dataTypeCode } = this.#world.proof;
    return `0001_${productKey}_${dataTypeCode}_${id}`;
  }

  async #send(entry: Entry): Promise<void> {
    entry.txId = (await this.#world.client.write(entry.action, entry.parameters)).txId;
    expect(entry.txId).not.toBe("");
  }

  /** Only the last of a key can be without an answer. */
  async #settle(entries: readonly Entry[]): Promise<void> {
    const open = entries.at(-1);
    if (open?.txId !== undefined || open === undefined) return;
    const sought = { ProductKey: this.#world.proof.productKey, Key: open.parameters["Key"] ?? "" };
    const count = Number(await this.#world.client.read("GetHistoryDataCount", sought));
    expect([entries.length - 1, entries.length]).toContain(count);
    this.#world.client.noteFate("evidence", count === entries.length);
    // What is not there can still be sent: its device's code was not used up.
    if (count < entries.length) await this.#send(open);
    else open.txId = (await this.#rows(sought))[0]?.transactionHash;
  }

  /** Newest first. */
  async #rows(sought: Parameters): Promise<readonly HistoryRow[]> {
    const paged = { ...sought, CurrentPage: "1", PageSize: "100" };
    // The comparison of the rows fails where they are of another form.
    return ((await this.#world.client.read("GetHistoryDataList", paged)) as { Data: HistoryRow[] }).Data;
  }

  async #checkKey(entries: readonly Entry[]): Promise<void> {
    const sought = { ProductKey: this.#world.proof.productKey, Key: entries[0]?.parameters["Key"] ?? "" };
    const expected = entries.map(({ parameters, txId }) => ({
      value: parameters["Value"],
      transactionHash: txId,
      totalCount: String(entries.length),
      ...(parameters["BusinessId"] === undefined ? {} : { businessId: parameters["BusinessId"] }),
    }));
    const rows = await this.#rows(sought);
    expect(rows).toHaveLength(entries.length);
    expect(rows.toReversed()).toMatchObject(expected);
    for (const { parameters } of entries) {
      const { BusinessId, Value } = parameters;
      if (BusinessId === undefined) continue;
      expect(await this.#world.client.read("GetData", { ...sought, BusinessId })).toBe(Value);
    }
    const place = JSON.parse(String(await this.#world.client.read("GetBlockChainInfo", sought)));
    expect(place.blockChainInfo.iotId).toBe(this.#device?.iotId ?? "");
  }

  async #checkUsedCodes(entries: readonly Entry[]): Promise<void> {
    if (this.#device === undefined) return;
    for (const { parameters } of entries) {
      const again = { ...parameters, Key: this.#key(`${this.#name}-again-${this.#number}`) };
      const { body, text } = await this.#world.client.ask("SetDataWithSignature", again);
      expect(body["Code"], text).toBe(-106);
    }
  }

  async #checkDevice(): Promise<void> {
    if (this.#device === undefined) return;
    const { deviceGroupId, iotId } = this.#device;
    const group = { BizChainId: this.#world.proof.bizChainId, DeviceGroupId: deviceGroupId };
    const listed = await this.#world.client.readAll("ListDevice", group);
    const wanted = this.#settled.length === 0 ? [] : [{ Status: "AUTHORIZED", IotId: iotId }];
    expect(listed).toHaveLength(wanted.length);
    expect(listed).toMatchObject(wanted);
  }
}
