import { base64ToBytes } from "@concordat/base";
import { ContractRefusal } from "../contract-api/index.ts";
import { isContractName, isMspId } from "../encoding/names.ts";
import { LIFECYCLE_NAMESPACE } from "../endorsement/definitions.ts";
import { decodeApplicationPolicy, encodeApplicationPolicy } from "../endorsement/policy-codec.ts";
import type { ContractDefinition } from "../endorsement/ports.ts";
import { isSystemName } from "../endorsement/results-fault.ts";

const VERSION = /^[A-Za-z0-9_.+-]+$/;
const PACKAGE_ID = /^[A-Za-z0-9][A-Za-z0-9_.+-]*:[0-9a-f]{64}$/;
const VERSION_LENGTH_MAX = 128;
const PACKAGE_ID_LENGTH_MAX = 256;
const POLICY_BYTES_MAX = 65_536;
const ORGANIZATIONS_MAX = 1_000;
const INVALID_DEFINITION = "error validating chaincode definition";
const ENDORSEMENT_PLUGIN = "escc";
const VALIDATION_PLUGIN = "vscc";
const DEFAULT_POLICY = encodeApplicationPolicy({ kind: "channel", name: "Endorsement" });
const FIELDS: ReadonlySet<string> = new Set([
  "name",
  "version",
  "sequence",
  "endorsementPlugin",
  "validationPlugin",
  "validationParameter",
  "collections",
  "initRequired",
]);

function invalid(message: string): ContractRefusal {
  return new ContractRefusal("ARGUMENT_INVALID", message);
}

/**
 * A definition as a caller states it: what is left out or empty becomes Fabric's default.
 * @throws ContractRefusal ARGUMENT_INVALID
 */
export function readDefinitionArgument(json: string): ContractDefinition {
  const fields = readObject(json);
  const unknown = Object.keys(fields).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) throw invalid(`the definition has an unknown field '${unknown}'`);
  if (textOf(fields, "collections") !== "") throw invalid("private data collections are not supported yet");
  return {
    name: readName(textOf(fields, "name")),
    version: readVersion(textOf(fields, "version")),
    sequence: readDefinitionSequence(fields["sequence"]),
    endorsementPlugin: readPlugin(textOf(fields, "endorsementPlugin"), ENDORSEMENT_PLUGIN, "endorsement"),
    validationPlugin: readPlugin(textOf(fields, "validationPlugin"), VALIDATION_PLUGIN, "validation"),
    validationParameter: readPolicy(textOf(fields, "validationParameter")),
    initRequired: readFlag(fields["initRequired"]),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function readJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw invalid("an argument is no JSON");
  }
}

function readObject(json: string): Fields {
  const value = readJson(json);
  if (isFields(value)) return value;
  throw invalid("the definition is no JSON object");
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name] ?? "";
  if (typeof value !== "string") throw invalid(`the definition's field '${name}' is no text`);
  return value;
}

/** Fabric's rule for names that can be defined, in Fabric's words and order. */
function readName(name: string): string {
  if (isSystemName(name) && name !== LIFECYCLE_NAMESPACE) {
    throw invalid(`${INVALID_DEFINITION}: chaincode name '${name}' is the name of a system chaincode`);
  }
  if (!isDefinableName(name)) {
    const rule = "Names can only consist of alphanumerics, '_', and '-' and can only begin with alphanumerics";
    throw invalid(`${INVALID_DEFINITION}: invalid chaincode name '${name.slice(0, 100)}'. ${rule}`);
  }
  return name;
}

/** Whether a definition can have this name: no other is ever found. */
export function isDefinableName(name: string): boolean {
  return isContractName(name) && !isSystemName(name);
}

function readVersion(version: string): string {
  if (version.length > VERSION_LENGTH_MAX || !VERSION.test(version)) {
    const rule = "Versions can only consist of alphanumerics, '_', '-', '+', and '.'";
    throw invalid(`${INVALID_DEFINITION}: invalid chaincode version '${version.slice(0, 100)}'. ${rule}`);
  }
  return version;
}

function readDefinitionSequence(sequence: unknown): number {
  if (sequence === undefined || sequence === 0) {
    throw invalid("requested sequence is 0, but first definable sequence number is 1");
  }
  if (typeof sequence !== "number" || !Number.isSafeInteger(sequence) || sequence < 1) {
    throw invalid("the definition's sequence is no positive integer");
  }
  return sequence;
}

function readPlugin(name: string, own: string, kind: string): string {
  if (name === "" || name === own) return own;
  throw invalid(`${kind} plugin '${name.slice(0, 100)}' is not installed; this peer has '${own}' only`);
}

function readPolicy(base64: string): Uint8Array {
  if (base64 === "") return DEFAULT_POLICY;
  const policy = bytesOf(base64);
  if (policy === undefined || policy.length > POLICY_BYTES_MAX || decodeApplicationPolicy(policy) === undefined) {
    throw invalid("the validation parameter is no endorsement policy that can be evaluated");
  }
  return policy;
}

function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return base64ToBytes(base64);
  } catch {
    return undefined;
  }
}

function readFlag(value: unknown): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw invalid("the definition's field 'initRequired' is neither true nor false");
}

/** `<label>:<hex SHA-256>`, or "" for none. @throws ContractRefusal ARGUMENT_INVALID */
export function readPackageId(packageId: string): string {
  if (packageId !== "" && (packageId.length > PACKAGE_ID_LENGTH_MAX || !PACKAGE_ID.test(packageId))) {
    throw invalid(`invalid package id '${packageId.slice(0, 100)}'`);
  }
  return packageId;
}

/** The organizations that a question is about. @throws ContractRefusal ARGUMENT_INVALID */
export function readMspIds(json: string): readonly string[] {
  const value = readJson(json);
  if (!Array.isArray(value) || value.length > ORGANIZATIONS_MAX) throw invalid("the organizations are no JSON list");
  const mspIds = value.filter((mspId): mspId is string => typeof mspId === "string" && isMspId(mspId));
  if (mspIds.length < value.length) throw invalid("an organization is no MSP id");
  return mspIds;
}

/** 0, or "", asks for the newest. @throws ContractRefusal ARGUMENT_INVALID */
export function readSequence(text: string): number {
  if (!/^\d{0,15}$/.test(text)) throw invalid("the sequence is no integer");
  return Number(text);
}
