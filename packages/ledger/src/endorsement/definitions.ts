import { base64ToBytes, bytesToBase64, bytesToUtf8 } from "@concordat/base";
import type { ContractDefinition } from "./ports.ts";

/** The namespace of contract definitions, and the name of the contract that keeps them. */
export const LIFECYCLE_NAMESPACE = "_lifecycle";
const DEFINITIONS = "definitions/";
const APPROVALS = "approvals/";

/** What an organization agreed to, and the package that it runs; "" = none. */
export interface ContractApproval extends ContractDefinition {
  readonly packageId: string;
}

export function definitionKey(name: string): string {
  return DEFINITIONS + name;
}

/** The range (start inclusive, end exclusive) of all definitions. */
export function definitionRange(): { readonly start: string; readonly end: string } {
  return prefixRange(DEFINITIONS);
}

export function approvalKey(mspId: string, name: string, sequence: number): string {
  return `${approvalPrefix(mspId)}${name}/${sequence}`;
}

/** What the keys of an organization's approvals begin with. */
export function approvalPrefix(mspId: string): string {
  return `${APPROVALS}${mspId}/`;
}

/** The range of an organization's approvals of one contract, of all sequences. */
export function approvalRange(mspId: string, name: string): { readonly start: string; readonly end: string } {
  return prefixRange(`${approvalPrefix(mspId)}${name}/`);
}

/** All keys that begin with a text that ends in "/": "0" follows it. */
function prefixRange(prefix: string): { readonly start: string; readonly end: string } {
  return { start: prefix, end: `${prefix.slice(0, -1)}0` };
}

/** The JSON text of docs/reference/ledger-format.md section 10. */
export function definitionToText(definition: ContractDefinition): string {
  return JSON.stringify(plainDefinition(definition));
}

export function approvalToText(approval: ContractApproval): string {
  const { endorsementPlugin, initRequired, name, ...rest } = plainDefinition(approval);
  return JSON.stringify({ endorsementPlugin, initRequired, name, packageId: approval.packageId, ...rest });
}

/** Names in ascending order. */
function plainDefinition(definition: ContractDefinition) {
  return {
    endorsementPlugin: definition.endorsementPlugin,
    initRequired: definition.initRequired,
    name: definition.name,
    sequence: definition.sequence,
    validationParameter: bytesToBase64(definition.validationParameter),
    validationPlugin: definition.validationPlugin,
    version: definition.version,
  };
}

/** Undefined for whatever {@link definitionToText} would not have written. */
export function definitionFromText(text: string | Uint8Array): ContractDefinition | undefined {
  return fromText(text, (fields) => {
    const definition = readDefinition(fields);
    return definition && { value: definition, text: definitionToText(definition) };
  });
}

/** Undefined for whatever {@link approvalToText} would not have written. */
export function approvalFromText(text: string | Uint8Array): ContractApproval | undefined {
  return fromText(text, (fields) => {
    const definition = readDefinition(fields);
    const packageId = fields["packageId"];
    if (definition === undefined || typeof packageId !== "string") return undefined;
    const approval = { ...definition, packageId };
    return { value: approval, text: approvalToText(approval) };
  });
}

type Fields = Readonly<Record<string, unknown>>;

function fromText<Value>(
  source: string | Uint8Array,
  read: (fields: Fields) => { readonly value: Value; readonly text: string } | undefined,
): Value | undefined {
  try {
    const text = typeof source === "string" ? source : bytesToUtf8(source);
    const parsed: unknown = JSON.parse(text);
    const found = isFields(parsed) ? read(parsed) : undefined;
    // Order, spaces, unknown and repeated names show in the second writing.
    return found?.text === text ? found.value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readDefinition(fields: Fields): ContractDefinition | undefined {
  const { endorsementPlugin, initRequired, name, sequence, validationParameter, validationPlugin, version } = fields;
  if (typeof endorsementPlugin !== "string" || typeof validationPlugin !== "string") return undefined;
  if (typeof name !== "string" || typeof version !== "string" || typeof initRequired !== "boolean") return undefined;
  if (typeof sequence !== "number" || !Number.isSafeInteger(sequence) || sequence < 1) return undefined;
  if (typeof validationParameter !== "string") return undefined;
  return {
    name,
    version,
    sequence,
    endorsementPlugin,
    validationPlugin,
    validationParameter: base64ToBytes(validationParameter),
    initRequired,
  };
}

/** Whether two definitions say the same, sequence included. */
export function isSameDefinition(a: ContractDefinition, b: ContractDefinition): boolean {
  return definitionToText(a) === definitionToText(b);
}
