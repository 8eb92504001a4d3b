import { X509Certificate } from "node:crypto";
import { bytesToUtf8, equalBytes } from "../core/bytes.ts";
import { isKeyAlgorithm, type OrganizationKey, PUBLIC_KEY_BYTES } from "../core/checkpoint.ts";
import { faultUnless } from "../core/fault.ts";
import { readMessage } from "../core/protobuf.ts";
import { type Authority, authoritiesOf } from "./outside/members.ts";

/** What the checks of blocks need of a channel's configuration. */
export interface ChannelConfiguration {
  readonly sequence: number;
  readonly origin: string;
  /** An SM channel: its checkpoints have an SM3 root, and each organization has a key of SM2 too. */
  readonly isSm: boolean;
  readonly keys: readonly OrganizationKey[];
  /** Names of the built-in contracts. */
  readonly contracts: ReadonlySet<string>;
  /** The authorities of each organization by its MSP id. */
  readonly organizations: ReadonlyMap<string, readonly Authority[]>;
}

type Fields = ReturnType<typeof readMessage>;

/** One ConfigGroup with its entries by name. */
interface Group {
  readonly groups: ReadonlyMap<string, Uint8Array>;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

const MSP_ID = /^[A-Za-z][A-Za-z0-9.-]{0,63}$/;
const MOD_POLICY = "Admins";
/** SubjectPublicKeyInfo up to the key: of Ed25519 (RFC 8410), and of an EC key on sm2p256v1 (GM/T 0006). */
const SPKI_PREFIXES = {
  Ed25519: Buffer.from("302a300506032b6570032100", "hex"),
  SM2: Buffer.from("3059301306072a8648ce3d020106082a811ccf5501822d034200", "hex"),
} as const;
const STATE_DATABASES = ["goleveldb", "couchdb"];

/**
 * Reads and checks a serialized common.ConfigEnvelope.
 * @throws Fault
 * @source docs/reference/ledger-format.md section 4; Fabric's configtx.proto, msp_config.proto
 */
export function parseConfiguration(bytes: Uint8Array): ChannelConfiguration {
  const configuration = readConfiguration(bytes);
  faultUnless(configuration.keys.length > 0, "the configuration holds no checkpoint key");
  for (const mspId of configuration.organizations.keys())
    checkAlgorithms(mspId, configuration.keys, configuration.isSm);
  return configuration;
}

/** As {@link parseConfiguration}, whatever keys the organizations have. @throws Fault */
export function readConfiguration(bytes: Uint8Array): ChannelConfiguration {
  const envelope = only(readMessage(bytes), [1], "configuration envelope");
  const config = only(readMessage(bytesOf(envelope, 1)), [1, 2], "configuration");
  const channel = readGroup(bytesOf(config, 2));
  expectNames(channel.groups, ["Application", "Orderer"], "groups of the channel");
  expectNames(channel.values, ["ChannelSettings"], "values of the channel");
  const orderer = readGroup(entry(channel.groups, "Orderer"));
  expectNames(orderer.values, ["BatchSize", "BatchTimeout"], "values of the orderer group");
  checkBatch(orderer);
  const application = readGroup(entry(channel.groups, "Application"));
  faultUnless(application.groups.size > 0, "the configuration names no organization");
  const organizations = new Map<string, readonly Authority[]>();
  const keys: OrganizationKey[] = [];
  for (const [mspId, group] of application.groups) {
    const organization = readOrganization(mspId, readGroup(group));
    organizations.set(mspId, organization.authorities);
    keys.push(...organization.keys);
  }
  const settings = readSettings(readValue(entry(channel.values, "ChannelSettings")));
  return { sequence: numberOf(config, 1), ...settings, keys, organizations };
}

/** International organizations have keys of Ed25519 only; those of SM channels have keys of both kinds. */
function checkAlgorithms(mspId: string, keys: readonly OrganizationKey[], isSm: boolean): void {
  const algorithms = keys.filter((key) => key.mspId === mspId).map(({ algorithm }) => algorithm);
  if (!isSm) faultUnless(!algorithms.includes("SM2"), `${mspId} has an SM2 key, and the channel is not one of SM`);
  else {
    const hasBoth = algorithms.includes("SM2") && algorithms.includes("Ed25519");
    faultUnless(hasBoth, `${mspId} does not have both an Ed25519 and an SM2 key, as SM channels need`);
  }
}

function readSettings(bytes: Uint8Array): Pick<ChannelConfiguration, "origin" | "isSm" | "contracts"> {
  const settings = only(readMessage(bytes), [1, 2, 3, 4, 5, 6, 7], "channel settings");
  textOf(settings, 2);
  faultUnless(numberOf(settings, 3) <= 1 && numberOf(settings, 5) <= 1, "the channel settings hold a malformed flag");
  faultUnless(STATE_DATABASES.includes(textOf(settings, 4)), "the channel settings name an unknown state database");
  const cryptography = textOf(settings, 7);
  faultUnless(cryptography === "" || cryptography === "sm", "the channel settings name an unknown cryptography");
  const contracts = (settings.get(6) ?? []).map((value) => utf8Of(asBytes(value), 6));
  return { origin: textOf(settings, 1), isSm: cryptography === "sm", contracts: new Set(contracts) };
}

function checkBatch(orderer: Group): void {
  const size = only(readMessage(readValue(entry(orderer.values, "BatchSize"))), [1, 2, 3], "batch size");
  faultUnless(numberOf(size, 1) > 0 && numberOf(size, 2) > 0, "the batch size allows no transaction");
  const timeout = only(readMessage(readValue(entry(orderer.values, "BatchTimeout"))), [1], "batch timeout");
  faultUnless(/^[0-9.]+[a-zµ]+/.test(textOf(timeout, 1)), "the batch timeout is not a duration");
}

interface Organization {
  readonly authorities: readonly Authority[];
  readonly keys: readonly OrganizationKey[];
}

function readOrganization(mspId: string, group: Group): Organization {
  faultUnless(MSP_ID.test(mspId), "the configuration holds a malformed MSP id");
  expectNames(group.values, ["CheckpointKeys", "MSP"], `values of ${mspId}`);
  const authorities = readMsp(mspId, readValue(entry(group.values, "MSP")));
  const organization = only(readMessage(readValue(entry(group.values, "CheckpointKeys"))), [1, 2], "organization keys");
  const keys = (organization.get(1) ?? []).map((value) => {
    const key = only(readMessage(asBytes(value)), [1, 2, 3], "checkpoint key");
    const algorithm = textOf(key, 1);
    faultUnless(isKeyAlgorithm(algorithm), `a checkpoint key of ${mspId} has an unknown algorithm`);
    const publicKey = Uint8Array.from(bytesOf(key, 2));
    const length = PUBLIC_KEY_BYTES[algorithm];
    faultUnless(publicKey.length === length, `a checkpoint key of ${mspId} does not have ${length} bytes`);
    const certificates = authorities.map(({ certificate }) => certificate);
    checkCertificate(mspId, bytesOf(key, 3), SPKI_PREFIXES[algorithm], publicKey, certificates);
    return { mspId, algorithm, publicKey };
  });
  return { authorities, keys };
}

/** The organization's CA certificates, with what their revocation lists name. */
function readMsp(mspId: string, bytes: Uint8Array): readonly Authority[] {
  const msp = only(readMessage(bytes), [1, 2], "MSP configuration");
  faultUnless(numberOf(msp, 1) === 0, `the MSP of ${mspId} is not of Fabric's type`);
  const fabric = readMessage(bytesOf(msp, 2));
  faultUnless(textOf(fabric, 1) === mspId, `the MSP of ${mspId} has another name`);
  faultUnless(numberOf(readMessage(bytesOf(fabric, 11)), 1) === 1, `the MSP of ${mspId} has its node OUs off`);
  const certificates = (fabric.get(2) ?? []).map((value) => readCertificate(asBytes(value), mspId));
  faultUnless(certificates.length > 0, `the MSP of ${mspId} has no CA certificate`);
  const lists = (fabric.get(5) ?? []).map((value) => utf8Of(asBytes(value), 5));
  return authoritiesOf(certificates, lists);
}

function checkCertificate(
  mspId: string,
  der: Uint8Array,
  spkiPrefix: Uint8Array,
  publicKey: Uint8Array,
  authorities: readonly X509Certificate[],
): void {
  const certificate = readCertificate(der, mspId);
  const certified = certificate.publicKey.export({ format: "der", type: "spki" });
  faultUnless(
    equalBytes(certified, Buffer.concat([spkiPrefix, publicKey])),
    `a checkpoint certificate of ${mspId} is for another key`,
  );
  const issued = authorities.some(
    (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  );
  faultUnless(issued, `a checkpoint certificate of ${mspId} was not issued by its CA`);
  faultUnless(
    certificate.subject.split("\n").includes("OU=checkpoint"),
    `a checkpoint certificate of ${mspId} is for another use`,
  );
}

function readCertificate(bytes: Uint8Array, mspId: string): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch {
    faultUnless(false, `a certificate of ${mspId} cannot be read`);
  }
}

function readGroup(bytes: Uint8Array): Group {
  const fields = only(readMessage(bytes), [2, 3, 5], "configuration group");
  faultUnless(textOf(fields, 5) === MOD_POLICY, "a configuration group has another mod_policy");
  return { groups: readMap(fields, 2), values: readMap(fields, 3) };
}

function readValue(bytes: Uint8Array): Uint8Array {
  const fields = only(readMessage(bytes), [2, 3], "configuration value");
  faultUnless(textOf(fields, 3) === MOD_POLICY, "a configuration value has another mod_policy");
  return bytesOf(fields, 2);
}

/** A map field's entries; their keys must ascend. */
function readMap(fields: Fields, field: number): ReadonlyMap<string, Uint8Array> {
  const entries = new Map<string, Uint8Array>();
  let last: string | undefined;
  for (const value of fields.get(field) ?? []) {
    const parts = only(readMessage(asBytes(value)), [1, 2], "map entry");
    const key = textOf(parts, 1);
    faultUnless(last === undefined || last < key, "the configuration's map entries are not in ascending order");
    entries.set(key, bytesOf(parts, 2));
    last = key;
  }
  return entries;
}

function expectNames(map: ReadonlyMap<string, Uint8Array>, names: readonly string[], what: string): void {
  faultUnless([...map.keys()].join() === names.join(), `the ${what} are not ${names.join(" and ")}`);
}

function entry(map: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  return map.get(name) ?? new Uint8Array(0);
}

/** The fields themselves, once it is known that no other ones are there. Versions (field 1) are 0 and so not written. */
function only(fields: Fields, known: readonly number[], what: string): Fields {
  for (const field of fields.keys()) faultUnless(known.includes(field), `a ${what} has the unknown field ${field}`);
  return fields;
}

function singleOf(fields: Fields, field: number): number | Uint8Array | undefined {
  const values = fields.get(field) ?? [];
  faultUnless(values.length <= 1, `field ${field} of the configuration stands twice`);
  return values[0];
}

function numberOf(fields: Fields, field: number): number {
  const value = singleOf(fields, field) ?? 0;
  faultUnless(typeof value === "number", `field ${field} of the configuration has the wrong wire type`);
  return value;
}

function bytesOf(fields: Fields, field: number): Uint8Array {
  return asBytes(singleOf(fields, field) ?? new Uint8Array(0));
}

function asBytes(value: number | Uint8Array): Uint8Array {
  faultUnless(typeof value !== "number", "a field of the configuration has the wrong wire type");
  return value;
}

function textOf(fields: Fields, field: number): string {
  return utf8Of(bytesOf(fields, field), field);
}

function utf8Of(bytes: Uint8Array, field: number): string {
  const text = bytesToUtf8(bytes);
  faultUnless(text !== undefined, `field ${field} of the configuration is not valid UTF-8`);
  return text;
}
