import { base64ToBytes, bytesToUtf8 } from "../../core/bytes.ts";
import { faultUnless } from "../../core/fault.ts";
import { ForeignMessage } from "../../core/foreign-message.ts";
import { type Policy, readApplicationPolicy, readSignaturePolicy } from "./policy.ts";

export const LIFECYCLE = "_lifecycle";
const DEFINITIONS = "definitions/";
const VALIDATION_PARAMETER = "VALIDATION_PARAMETER";
const READ_MAX = 1_000;
const NO_POLICY = Symbol("metadata without a policy");
const METADATA_SUFFIX = "$meta";

/** A row that says which policy holds: undefined when there is none, "unknown" when it may stand in a state that is not at hand. */
export type PolicyRow = Policy | "unknown" | undefined;

/**
 * The endorsement policies that the state holds: those of the definitions in `_lifecycle`, and those of single keys. Equal policies of many
 * keys are kept once.
 * @source docs/reference/ledger-format.md section 10
 */
export class PolicyRows {
  /** Bytes of each policy as Latin-1; undefined for a row that was deleted. */
  readonly #definitions = new Map<string, string | undefined>();
  /** The same; `NO_POLICY` for metadata without one. */
  readonly #keys = new Map<string, string | typeof NO_POLICY | undefined>();
  readonly #texts = new Map<string, string>();
  readonly #read = new Map<string, Policy>();
  readonly #isComplete: boolean;

  /** @param isComplete false when the channel has a past whose rows are not here */
  constructor(isComplete: boolean) {
    this.#isComplete = isComplete;
  }

  /** @throws Fault when the row cannot be read */
  definition(name: string): PolicyRow {
    return this.#row(this.#definitions, name, readApplicationPolicy);
  }

  /** @throws Fault when the row cannot be read */
  keyPolicy(namespace: string, key: string): PolicyRow {
    if (this.#isComplete && this.#keys.size === 0) return undefined;
    return this.#row(this.#keys, keyName(namespace, key), readSignaturePolicy);
  }

  /** Whether the key is known to have metadata. */
  hasMetadata(namespace: string, key: string): boolean {
    return this.#keys.size > 0 && this.#keys.get(keyName(namespace, key)) !== undefined;
  }

  /** A write of kind 2; undefined: a deletion. */
  write(namespace: string, key: string, value: Uint8Array | undefined): void {
    if (namespace !== LIFECYCLE || !key.startsWith(DEFINITIONS)) return;
    const parameter = value && validationParameterOf(value);
    this.#definitions.set(key.slice(DEFINITIONS.length), parameter && this.#share(parameter));
  }

  writeMetadata(namespace: string, { key, policy, isEmpty }: KeyMetadata): void {
    const name = keyName(namespace, key);
    if (!isEmpty) this.#keys.set(name, policy === undefined ? NO_POLICY : this.#share(policy));
    else if (this.#isComplete) this.#keys.delete(name);
    else this.#keys.set(name, undefined);
  }

  /** A row of a snapshot's state. @throws Fault */
  load(namespace: string, key: string, value: Uint8Array): void {
    if (namespace === LIFECYCLE) this.write(namespace, key, value);
    else if (namespace.endsWith(METADATA_SUFFIX)) {
      const metadata = readMetadata(new ForeignMessage(value, { 1: "bytes", 2: "many" }));
      this.writeMetadata(namespace.slice(0, -METADATA_SUFFIX.length), metadata);
    }
  }

  static isPolicyNamespace(namespace: string): boolean {
    return namespace === LIFECYCLE || namespace.endsWith(METADATA_SUFFIX);
  }

  #row(
    rows: ReadonlyMap<string, string | typeof NO_POLICY | undefined>,
    name: string,
    read: (bytes: Uint8Array) => Policy,
  ): PolicyRow {
    const text = rows.get(name);
    if (text === NO_POLICY) return undefined;
    if (text === undefined) return this.#isComplete || rows.has(name) ? undefined : "unknown";
    const label = `${read === readSignaturePolicy ? "key" : "definition"} ${text}`;
    const known = this.#read.get(label);
    if (known !== undefined) return known;
    const policy = read(Buffer.from(text, "latin1"));
    if (this.#read.size >= READ_MAX) this.#read.clear();
    this.#read.set(label, policy);
    return policy;
  }

  #share(bytes: Uint8Array): string {
    const text = Buffer.from(bytes).toString("latin1");
    const shared = this.#texts.get(text);
    if (shared !== undefined) return shared;
    this.#texts.set(text, text);
    return text;
  }
}

export interface KeyMetadata {
  readonly key: string;
  /** The value of VALIDATION_PARAMETER. */
  readonly policy: Uint8Array | undefined;
  /** No entry at all: the row goes. */
  readonly isEmpty: boolean;
}

/** Reads a KVMetadataWrite. @throws Fault, for a name that stands twice too */
export function readMetadata(write: ForeignMessage): KeyMetadata {
  const names = new Set<string>();
  let policy: Uint8Array | undefined;
  for (const entry of write.messages(2, { 1: "bytes", 2: "bytes" })) {
    const name = entry.text(1);
    faultUnless(!names.has(name), "a key's metadata has a name twice");
    names.add(name);
    if (name === VALIDATION_PARAMETER) policy = entry.value(2);
  }
  return { key: write.text(1), policy, isEmpty: names.size === 0 };
}

function keyName(namespace: string, key: string): string {
  return `${namespace}\0${key}`;
}

/** The names of a definition, in the order of its text, with the types of their values. */
const DEFINITION_FIELDS = [
  ["endorsementPlugin", "string"],
  ["initRequired", "boolean"],
  ["name", "string"],
  ["sequence", "number"],
  ["validationParameter", "string"],
  ["validationPlugin", "string"],
  ["version", "string"],
] as const;

/** Undefined for a text that is no definition. */
function validationParameterOf(value: Uint8Array): Uint8Array | undefined {
  const text = bytesToUtf8(value);
  const json = text === undefined ? undefined : parseObject(text);
  const isDefinition =
    json !== undefined &&
    DEFINITION_FIELDS.every(([name, type]) => typeof json[name] === type) &&
    Number.isSafeInteger(json["sequence"]) &&
    Number(json["sequence"]) >= 1 &&
    JSON.stringify(Object.fromEntries(DEFINITION_FIELDS.map(([name]) => [name, json[name]]))) === text;
  const parameter = json?.["validationParameter"];
  return isDefinition && typeof parameter === "string" ? base64ToBytes(parameter) : undefined;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}
