import type { Clock } from "@concordat/base";
import { findBatchFault, isValueTooLong, parseBatch } from "@concordat/contracts";
import type { Ledger } from "@concordat/ledger";
import type { Authorizer } from "../access/authorizer.ts";
import type { Creators } from "../certificates/creators.ts";
import type { DeviceGate } from "../devices/device-gate.ts";
import type { DeviceSignature } from "../devices/ports.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { ChannelTrust } from "../ledger/channel-trust.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import type {
  BusinessChain,
  CallNonce,
  Evidence,
  EvidenceBlockData,
  EvidenceHistoryPage,
  EvidenceRecord,
  Principal,
  TimeWindow,
  WriteOutcome,
} from "../ports.ts";
import type { ReplayedWrites } from "../replay/replayed-writes.ts";
import { parseCount, parseHistory, parseRecord, parseRecords } from "./contract-answers.ts";
import type { Amount, QuotaGate } from "./quota-gate.ts";
import { type EvidenceCall, type EvidencePlace, placeEvidence, placeLookUp, requireWritable } from "./rules.ts";

export interface EvidenceDependencies {
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly trust: ChannelTrust;
  readonly creators: Creators;
  readonly replayedWrites: ReplayedWrites;
  readonly quotas: QuotaGate;
  readonly deviceGate: DeviceGate;
  readonly clock: Clock;
}

/** Evidence on the channels of business chains: checks the rules of rules.ts, then calls the evidence contract. */
export class EvidenceService implements Evidence {
  readonly #dependencies: EvidenceDependencies;

  constructor(dependencies: EvidenceDependencies) {
    this.#dependencies = dependencies;
  }

  async set(
    caller: Principal,
    input: { chainCode: string; key: string; value: string; device?: DeviceSignature },
    nonce: CallNonce,
  ): Promise<WriteOutcome> {
    const { chain, key } = this.#placeWrite(caller, input);
    const batch = parseBatch(input.value);
    if (batch === undefined) {
      requireShort(input.value);
      const args = [input.key, input.value, this.#admit(chain, input.device)];
      return this.#submit(caller, chain, "set", args, amountOf([input.value]), nonce);
    }
    const fault = findBatchFault(input.key, key, batch);
    if (fault !== undefined) throw new PlatformError(fault);
    const amount = amountOf(batch.items.map((item) => item.value));
    const args = [input.key, input.value, this.#admit(chain, input.device)];
    return this.#submit(caller, chain, "setBatch", args, amount, nonce);
  }

  async attach(
    caller: Principal,
    input: { chainCode: string; key: string; value: string; businessId?: string; device?: DeviceSignature },
    nonce: CallNonce,
  ): Promise<WriteOutcome> {
    const { chain } = this.#placeWrite(caller, input);
    requireShort(input.value);
    const args = [input.key, input.value, input.businessId ?? "", this.#admit(chain, input.device)];
    return this.#submit(caller, chain, "attach", args, amountOf([input.value]), nonce, [input.key]);
  }

  async get(
    caller: Principal,
    input: { chainCode: string; key: string; businessId?: string },
  ): Promise<EvidenceRecord> {
    const { chain } = placeEvidence(caller, input, this.#dependencies);
    return this.#read(caller, chain, input);
  }

  async blockData(
    caller: Principal,
    input: { chainCode: string; key: string; businessId?: string },
  ): Promise<EvidenceBlockData> {
    const { ledger, trust } = this.#dependencies;
    const { chain } = placeEvidence(caller, input, this.#dependencies);
    const record = await this.#read(caller, chain, input);
    return onLedger(async () => {
      const { block } = await ledger.transaction(chain.channelId, record.txId);
      const organizationNames = await trust.organizationNames(chain.channelId, block.number);
      return { record, chainName: chain.name, organizationNames, block };
    });
  }

  async historyCount(
    caller: Principal,
    input: { chainCode: string; key: string; window?: TimeWindow },
  ): Promise<number> {
    const { chain } = placeEvidence(caller, input, this.#dependencies);
    return parseCount(await this.#evaluate(caller, chain, "count", [input.key, ...windowArgs(input.window)]));
  }

  async history(
    caller: Principal,
    input: { chainCode: string; key: string; window?: TimeWindow; page: number; pageSize: number },
  ): Promise<EvidenceHistoryPage> {
    const { chain } = placeEvidence(caller, input, this.#dependencies);
    const args = [input.key, ...windowArgs(input.window), String(input.page), String(input.pageSize)];
    const { total, records } = parseHistory(await this.#evaluate(caller, chain, "history", args));
    const blockNumber = this.#blockNumbers(chain);
    const firstRank = (input.page - 1) * input.pageSize + 1;
    const placed = await Promise.all(
      records.map(async (record, index) => ({
        ...record,
        block: await blockNumber(record.txId),
        rank: firstRank + index,
      })),
    );
    return { chainName: chain.name, total, records: placed };
  }

  async findByDigest(
    caller: Principal,
    input: { chainCode: string; digest: string },
  ): Promise<readonly EvidenceRecord[]> {
    const chain = placeLookUp(caller, input.chainCode, this.#dependencies);
    return parseRecords(await this.#evaluate(caller, chain, "findByDigest", [input.digest]));
  }

  #placeWrite(caller: Principal, input: EvidenceCall): EvidencePlace {
    const place = placeEvidence(caller, input, this.#dependencies);
    requireWritable(place.chain, this.#dependencies.clock.nowMs());
    return place;
  }

  /** The contract's argument for the device of a write; "" for none. */
  #admit(chain: BusinessChain, device: DeviceSignature | undefined): string {
    return device === undefined ? "" : this.#dependencies.deviceGate.admit(chain, device);
  }

  async #submit(
    caller: Principal,
    chain: BusinessChain,
    fn: string,
    args: readonly string[],
    amount: Amount,
    call: CallNonce,
    settledKeys: readonly string[] = [],
  ): Promise<WriteOutcome> {
    const { ledger, creators, replayedWrites, quotas } = this.#dependencies;
    const { channelId } = chain;
    const creator = creators.forWrite(caller.uid);
    const nonce = await replayedWrites.nonceFor(channelId, creator, call, creators.lately(caller.uid));
    const request = { channelId, creator, contract: "evidence", fn, args, nonce, settledKeys };
    const { txId } = await quotas.run(chain, amount, () => onLedger(() => ledger.submit(request)));
    return { txIds: [txId] };
  }

  /** A record with a write in flight is refused with EVIDENCE_IN_FLIGHT. */
  async #read(
    caller: Principal,
    chain: BusinessChain,
    { key, businessId }: { readonly key: string; readonly businessId?: string | undefined },
  ): Promise<EvidenceRecord> {
    return parseRecord(await this.#evaluate(caller, chain, "get", [key, businessId ?? ""], [key]));
  }

  #evaluate(
    caller: Principal,
    { channelId }: BusinessChain,
    fn: string,
    args: readonly string[],
    settledKeys: readonly string[] = [],
  ): Promise<Uint8Array> {
    const { ledger, directory } = this.#dependencies;
    const creator = directory.creator(caller.uid);
    return onLedger(() => ledger.evaluate({ channelId, creator, contract: "evidence", fn, args, settledKeys }));
  }

  /** Looks the block number of a transaction up, each transaction once. */
  #blockNumbers({ channelId }: BusinessChain): (txId: string) => Promise<number> {
    const { ledger } = this.#dependencies;
    const found = new Map<string, Promise<number>>();
    return (txId) => {
      const number = found.get(txId) ?? onLedger(async () => (await ledger.transaction(channelId, txId)).block.number);
      found.set(txId, number);
      return number;
    };
  }
}

function requireShort(value: string): void {
  if (isValueTooLong(value)) throw new PlatformError("VALUE_TOO_LONG");
}

function windowArgs(window: TimeWindow | undefined): readonly [string, string] {
  return window === undefined ? ["", ""] : [String(window.startMs), String(window.endMs)];
}

function amountOf(values: readonly string[]): Amount {
  return { records: values.length, bytes: values.reduce((bytes, value) => bytes + Buffer.byteLength(value), 0) };
}
