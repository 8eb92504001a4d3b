import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { AccessKey, Parameters } from "./aliyun.ts";
import { type CrashPart, untilGone } from "./crash-model.ts";
import { deviceParameters } from "./device-signature.ts";
import type { CrashDevice, CrashPhase, CrashWorld } from "./ltl-crash-world.ts";

interface Item {
  readonly dataKey: string;
  /** Undefined when the ledger is to give one. */
  readonly dataSeq: string | undefined;
  readonly phaseData: string;
  readonly related: readonly Omit<Item, "related">[];
}

interface Upload {
  readonly parameters: Parameters;
  readonly items: readonly Item[];
  /** Undefined while it had no answer. */
  txId: string | undefined;
}

/** A record that an answer has vouched for: its sequence is known. */
type KnownItem = Item & { readonly dataSeq: string };

export interface UploadOptions {
  /** Begins the keys; no other stream has it. */
  readonly name: string;
  readonly kind: "text" | "digest";
  readonly isBatch: boolean;
  readonly device?: CrashDevice;
  readonly phase: CrashPhase;
  /** Whose calls; the administrator's when left out. */
  readonly key?: AccessKey;
}

const ITEMS_MAX = 6;
const USED_CODES_TRIED = 10;
const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

/** One of the eight kinds of upload, over and over. */
export class PhaseUploads implements CrashPart {
  readonly #world: CrashWorld;
  readonly #options: UploadOptions;
  readonly #action: string;
  /** Of all rounds before. */
  readonly #settled: Upload[] = [];
  #round: Upload[] = [];
  #number = 0;
  #last: KnownItem | undefined;
  #lastSaveMs = 0;

  constructor(world: CrashWorld, options: UploadOptions) {
    this.#world = world;
    this.#options = options;
    const { isBatch, kind, device } = options;
    const what = kind === "text" ? "Text" : "Digest";
    this.#action = `${isBatch ? "Batch" : ""}UploadMPCoSPhase${what}Info${device === undefined ? "" : "ByDevice"}`;
  }

  write(): Promise<void> {
    return untilGone(() => this.upload());
  }

  /** One more. @throws ServerGone */
  async upload(): Promise<void> {
    const items = this.#newItems();
    const upload: Upload = { parameters: this.#parametersOf(items), items, txId: undefined };
    this.#round.push(upload);
    await this.#send(upload);
    this.#last = knownItems(upload).at(-1);
  }

  async check(): Promise<void> {
    const round = this.#round;
    this.#round = [];
    for (const upload of round) {
      if (upload.txId === undefined) await this.#settle(upload);
      await this.#checkHistory(upload);
      await this.#checkRecords(upload);
    }
    this.#settled.push(...round);
    await this.#checkUsedCodes(round.slice(-USED_CODES_TRIED));
    await this.#checkDevice();
  }

  async checkAll(): Promise<void> {
    for (const upload of this.#settled) await this.#checkRecords(upload);
  }

  #newItems(): readonly Item[] {
    const { isBatch, device, kind, name } = this.#options;
    this.#number += 1;
    const count = isBatch ? this.#world.choose.between(1, ITEMS_MAX + 1) : 1;
    // A batch of a device that says no sequence could come again, if its code were not used up.
    const hasSequence = this.#number % 2 === 0 && !(isBatch && device !== undefined);
    const items: Item[] = [];
    for (let index = 0; index < count; index += 1) {
      const dataKey = `${name}-${this.#number}-${index}`;
      const text = `数据 of ${dataKey}`;
      const before = items.find(({ dataSeq }) => dataSeq !== undefined);
      const related = [this.#last, before].flatMap((item) =>
        item === undefined ? [] : [{ dataKey: item.dataKey, dataSeq: item.dataSeq, phaseData: item.phaseData }],
      );
      const phaseData = kind === "text" ? text : sha256(text);
      items.push({ dataKey, dataSeq: hasSequence ? `seq-${this.#number}` : undefined, phaseData, related });
    }
    return items;
  }

  #parametersOf(items: readonly Item[]): Parameters {
    const { isBatch, device } = this.#options;
    const wire = items.map((item) => this.#itemOnWire(item));
    const [{ dataKey = "", phaseData = "", dataSeq, relatedDataList } = {}] = wire;
    const list = JSON.stringify(wire);
    const single = {
      DataKey: dataKey,
      PhaseData: phaseData,
      ...(dataSeq === undefined ? {} : { DataSeq: dataSeq }),
      ...(relatedDataList === undefined ? {} : { RelatedDataList: JSON.stringify(relatedDataList) }),
    };
    return {
      ...this.#place(),
      ...(isBatch ? { PhaseDataList: list } : single),
      ...(device === undefined ? {} : deviceParameters(device, isBatch ? list : phaseData)),
    };
  }

  #itemOnWire({ dataKey, phaseData, dataSeq, related }: Item) {
    const relatedDataList = related.map((item) => ({
      relatedPhaseId: this.#options.phase.phaseId,
      relatedDataKey: item.dataKey,
      relatedPhaseData: item.phaseData,
      relatedDataSeq: item.dataSeq,
    }));
    return {
      dataKey,
      phaseData,
      ...(dataSeq === undefined ? {} : { dataSeq }),
      ...(relatedDataList.length === 0 ? {} : { relatedDataList }),
    };
  }

  #place() {
    const { collaboration, phaseGroupId } = this.#world;
    return {
      BizChainId: collaboration.bizChainId,
      PhaseGroupId: phaseGroupId,
      PhaseId: this.#options.phase.phaseId,
    };
  }

  async #send(upload: Upload): Promise<void> {
    const { txId } = await this.#world.client.write(this.#action, upload.parameters, this.#options.key);
    expect(txId).not.toBe("");
    upload.txId = txId;
  }

  /** One without an answer is there whole, in one transaction, or not at all; and then, with its device's code, it can still be sent. */
  async #settle(upload: Upload): Promise<void> {
    const found = await Promise.all(upload.items.map((item) => this.#historyOf(item)));
    const txIds = new Set(found.flatMap((rows) => rows.map((row) => row["TransactionHash"])));
    const counts = new Set(found.map((rows) => rows.length));
    expect([[...counts], txIds.size], JSON.stringify(upload.parameters)).toEqual(
      txIds.size === 0 ? [[0], 0] : [[1], 1],
    );
    const [txId] = txIds;
    this.#world.client.noteFate("upload", txId !== undefined);
    if (txId === undefined) await this.#send(upload);
    else upload.txId = String(txId);
    if (txId !== undefined) await this.#expectTaken(upload);
  }

  /** What is there cannot be written again: its device's code or, without one, its key and sequence are taken. */
  async #expectTaken({ parameters, items }: Upload): Promise<void> {
    const { device, isBatch, key } = this.#options;
    if (device === undefined && items.some(({ dataSeq }) => dataSeq === undefined)) return;
    const { body, text } = await this.#world.client.ask(this.#action, parameters, key);
    const ofKey = isBatch ? -318 : -317;
    expect(body["Code"], text).toBe(device === undefined ? ofKey : -106);
  }

  async #checkHistory(upload: Upload): Promise<void> {
    for (const item of knownItems(upload)) {
      expect(await this.#historyOf(item)).toEqual([{ ...this.#rowOf(item, upload), DataSeq: item.dataSeq }]);
    }
  }

  async #checkRecords(upload: Upload): Promise<void> {
    for (const item of knownItems(upload)) {
      const { dataKey, dataSeq } = item;
      const sought = { ...this.#place(), DataKey: dataKey, DataSeq: dataSeq };
      const record = await this.#world.client.read("DescribeMPCoSPhaseInfo", sought);
      expect(record).toEqual({ ...this.#rowOf(item, upload), RelatedDataList: this.#relatedOf(item) });
      // The comparison above says that it is a number.
      const { Timestamp } = record as { Timestamp: number };
      this.#lastSaveMs = Math.max(this.#lastSaveMs, Timestamp);
    }
  }

  /** All records under the item's key. */
  #historyOf({ dataKey }: Item) {
    const window = { StartTime: "0", EndTime: String(Date.now() + 60_000) };
    const sought = { ...this.#place(), ...window, DataKey: dataKey };
    return this.#world.client.readAll("ListMPCoSPhaseHistory", sought);
  }

  #rowOf({ phaseData }: Item, { txId }: Upload) {
    const { device } = this.#options;
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    return {
      DataValue: phaseData,
      TransactionHash: txId,
      IotId: device?.iotId ?? "",
      ProductKey: device?.productKey ?? "",
      Timestamp: expect.any(Number),
      BlockNumber: expect.any(Number),
      BlockHash: hash,
      PreviousHash: hash,
      DataHash: hash,
    };
  }

  #relatedOf({ related }: Item) {
    const { phase, kind } = this.#options;
    return related.map(({ dataKey, dataSeq, phaseData }) => ({
      RelatedPhaseId: phase.phaseId,
      RelatedPhaseName: phase.name,
      RelatedDataKey: expect.stringMatching(
        new RegExp(`^0002_${this.#world.collaboration.productKey}_.{4}_${dataKey}$`),
      ),
      RelatedDataSeq: dataSeq,
      RelatedPhaseDataHash: kind === "text" ? sha256(phaseData) : phaseData,
    }));
  }

  async #checkUsedCodes(uploads: readonly Upload[]): Promise<void> {
    const { device, isBatch, name } = this.#options;
    if (device === undefined) return;
    for (const { parameters } of uploads) {
      // A single upload signs its data alone: under another key only the code is known.
      const again = isBatch ? parameters : { ...parameters, DataKey: `${name}-again-${this.#number}` };
      const { body, text } = await this.#world.client.ask(this.#action, again, this.#options.key);
      expect(body["Code"], text).toBe(-106);
    }
  }

  async #checkDevice(): Promise<void> {
    const { device } = this.#options;
    if (device === undefined) return;
    const { bizChainId } = this.#world.collaboration;
    const group = { BizChainId: bizChainId, DeviceGroupId: device.deviceGroupId };
    const listed = await this.#world.client.readAll("ListDevice", group);
    const own = {
      Status: "AUTHORIZED",
      IotId: device.iotId,
      LastSaveTime: this.#lastSaveMs,
      DeviceId: expect.stringMatching(/^\d{16}$/),
    };
    expect(listed).toEqual(this.#settled.length === 0 ? [] : [own]);
  }
}

function knownItems({ txId, items }: Upload): readonly KnownItem[] {
  if (txId === undefined) return [];
  return items.map((item, index) => ({ ...item, dataSeq: item.dataSeq ?? sha256(`${txId}:${index}`) }));
}
