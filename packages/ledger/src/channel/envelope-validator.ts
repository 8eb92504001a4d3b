import { definitionFromText, definitionKey, LIFECYCLE_NAMESPACE } from "../endorsement/definitions.ts";
import { createChannelMsps } from "../endorsement/msps.ts";
import type {
  ChannelMsps,
  ContractDefinition,
  EndorsedTransaction,
  EnvelopeHeaders,
  NamespaceResults,
} from "../endorsement/ports.ts";
import { readEndorsedTransaction } from "../endorsement/read-endorsed-transaction.ts";
import { VALIDATION_PARAMETER } from "../endorsement/shared-rules.ts";
import { validateEndorsed } from "../endorsement/validate-transaction.ts";
import { TX_VALIDATION_CODE as CODE, type TxValidationCode } from "../endorsement/validation-code.ts";
import type { ChannelConfig } from "../ports.ts";
import type { StateView } from "../runtime/view.ts";
import { decodeMetadataRow, metadataNamespace } from "../state/metadata-rows.ts";
import type { Version } from "../state/ports.ts";
import { givesTheSame, isSameVersion } from "./range-rerun.ts";
import { type PlainWrite, plainWrites } from "./stored-transaction.ts";

const NO_WRITES: readonly PlainWrite[] = [];

export interface Verdict {
  readonly validationCode: TxValidationCode;
  /** Of a valid transaction. */
  readonly writes: readonly PlainWrite[];
}

export interface EnvelopeValidatorDependencies {
  /** The newest state: the effects of every transaction that has its place. */
  readonly view: Pick<StateView, "get" | "range">;
  /** Whether any transaction that has its place, valid or not, has this id. */
  readonly isKnown: (txId: string) => boolean;
}

/**
 * Judges transactions from outside when they get their place in the log: by the configuration in force and the state as of then.
 * Invariant: nothing is written to the state between the call of `judge` and its end.
 * @source docs/reference/ledger-format.md section 10
 */
export class EnvelopeValidator {
  readonly #dependencies: EnvelopeValidatorDependencies;
  #msps: ChannelMsps | undefined;
  readonly #definitions = new Map<
    string,
    { readonly version: Version; readonly definition: ContractDefinition | undefined }
  >();

  constructor(dependencies: EnvelopeValidatorDependencies) {
    this.#dependencies = dependencies;
  }

  /** The MSPs of a configuration; those of the last one asked for are kept. */
  mspsOf(config: ChannelConfig): ChannelMsps {
    if (this.#msps?.config !== config) this.#msps = createChannelMsps(config);
    return this.#msps;
  }

  /** @param headers of an envelope whose creator's signature was checked */
  async judge(headers: EnvelopeHeaders, config: ChannelConfig): Promise<Verdict> {
    if (this.#dependencies.isKnown(headers.txId)) return refused(CODE.DUPLICATE_TXID);
    const msps = this.mspsOf(config);
    // The configuration may have changed since the envelope was taken.
    if (msps.identify(headers.creator, headers.timestampMs).member === undefined) {
      return refused(CODE.BAD_CREATOR_SIGNATURE);
    }
    const transaction = readEndorsedTransaction(headers);
    if ("fault" in transaction) return refused(transaction.fault);
    const endorsed = this.#endorsementCode(transaction, msps);
    if (endorsed !== CODE.VALID) return refused(endorsed);
    for (const results of transaction.namespaces) {
      const code = await this.#readCode(results);
      if (code !== CODE.VALID) return refused(code);
    }
    return { validationCode: CODE.VALID, writes: plainWrites(transaction.namespaces) };
  }

  #endorsementCode(transaction: EndorsedTransaction, msps: ChannelMsps): TxValidationCode {
    return validateEndorsed(transaction, {
      msps,
      definitionOf: (name) => this.#definitionOf(name),
      isBuiltIn: (name) => msps.config.contracts.includes(name),
      validationParameterOf: (namespace, key) => this.#validationParameterOf(namespace, key),
    });
  }

  /** Fabric's order: reads first, then range queries, namespace by namespace. */
  async #readCode({
    namespace,
    reads,
    rangeQueries,
    writes,
    metadataWrites,
  }: NamespaceResults): Promise<TxValidationCode> {
    const { view } = this.#dependencies;
    for (const { key, version } of reads) {
      if (!isSameVersion(version, view.get(namespace, key)?.version)) return CODE.MVCC_READ_CONFLICT;
    }
    for (const query of rangeQueries) {
      const isSame = await givesTheSame(query, (start, end) => view.range(namespace, start, end));
      if (!isSame) return CODE.PHANTOM_READ_CONFLICT;
    }
    // A deleted key's metadata goes with it, as the simulation saw it; metadata that it did not see would be left without a key.
    const given = new Set(metadataWrites.map(({ key }) => key));
    const leavesMetadata = writes.some(
      ({ key, value }) =>
        value === undefined && !given.has(key) && view.get(metadataNamespace(namespace), key) !== undefined,
    );
    return leavesMetadata ? CODE.MVCC_READ_CONFLICT : CODE.VALID;
  }

  /** The same object for the same definition, so that its policy is read once. */
  #definitionOf(name: string): ContractDefinition | undefined {
    const row = this.#dependencies.view.get(LIFECYCLE_NAMESPACE, definitionKey(name));
    if (row === undefined) {
      this.#definitions.delete(name);
      return undefined;
    }
    const known = this.#definitions.get(name);
    if (known !== undefined && isSameVersion(known.version, row.version)) return known.definition;
    const definition = definitionFromText(row.value);
    this.#definitions.set(name, { version: row.version, definition });
    return definition;
  }

  #validationParameterOf(namespace: string, key: string): Uint8Array | undefined {
    const row = this.#dependencies.view.get(metadataNamespace(namespace), key);
    if (row === undefined) return undefined;
    return decodeMetadataRow(row.value).entries.find(({ name }) => name === VALIDATION_PARAMETER)?.value;
  }
}

function refused(validationCode: TxValidationCode): Verdict {
  return { validationCode, writes: NO_WRITES };
}
