import { equalBytes } from "@concordat/base";
import type { BlockCutting, ChannelConfig, CheckpointKeyConfig, OrganizationConfig } from "../ports.ts";
import { EncodingInvalidError } from "./errors.ts";
import type { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

/** `FabricNodeOUs`: enabled, with Fabric's usual names and no certificate, so that any CA of the organization counts. */
const NODE_OUS = encodeNodeOus();
const MSP_FIELD_REVOCATION_LIST = 5;
const MSP_FIELD_NODE_OUS = 11;

export function writeChannelSettings(writer: WireWriter, config: ChannelConfig): void {
  writer.stringField(7, config.cryptography === "sm" ? "sm" : "");
  for (const contract of config.contracts.toReversed()) writer.stringElement(6, contract);
  writer.booleanField(5, config.recordRefusals);
  writer.stringField(4, config.stateDatabase);
  writer.booleanField(3, config.blockCutting.cutWhenIdle);
  writer.stringField(2, config.displayName);
  writer.stringField(1, config.origin);
}

export function readChannelSettings(reader: WireReader) {
  const origin = reader.string(1);
  const displayName = reader.string(2);
  const cutWhenIdle = reader.boolean(3);
  const stateDatabase = reader.string(4);
  const recordRefusals = reader.boolean(5);
  const contracts: string[] = [];
  while (reader.accept(6)) contracts.push(reader.text());
  if (stateDatabase !== "goleveldb" && stateDatabase !== "couchdb") {
    throw new EncodingInvalidError("The state database is neither goleveldb nor couchdb.");
  }
  const cryptographyName = reader.string(7);
  if (cryptographyName !== "" && cryptographyName !== "sm") {
    throw new EncodingInvalidError("The channel's cryptography is unknown.");
  }
  const cryptography = cryptographyName === "sm" ? "sm" : "international";
  return { origin, displayName, cutWhenIdle, stateDatabase, cryptography, recordRefusals, contracts } as const;
}

export function writeOrganizationKeys(writer: WireWriter, organization: OrganizationConfig): void {
  writer.stringField(2, organization.displayName);
  for (const key of organization.checkpointKeys.toReversed()) {
    const mark = writer.length;
    writer.bytesField(3, key.certificate);
    writer.bytesField(2, key.publicKey);
    writer.stringField(1, key.algorithm);
    writer.close(1, mark);
  }
}

export function readOrganizationKeys(reader: WireReader): Pick<OrganizationConfig, "checkpointKeys" | "displayName"> {
  const checkpointKeys: CheckpointKeyConfig[] = [];
  while (reader.accept(1)) {
    const outer = reader.enterAccepted();
    const algorithm = reader.string(1);
    if (algorithm !== "Ed25519" && algorithm !== "SM2") {
      throw new EncodingInvalidError("A checkpoint key is of neither Ed25519 nor SM2.");
    }
    checkpointKeys.push({ algorithm, publicKey: reader.bytes(2).slice(), certificate: reader.bytes(3).slice() });
    reader.leave(outer);
  }
  return { checkpointKeys, displayName: reader.string(2) };
}

/** `msp.MSPConfig` of type 0 (which proto3 leaves out) around a `FabricMSPConfig`. */
export function writeMspConfig(writer: WireWriter, organization: OrganizationConfig): void {
  const mark = writer.length;
  writer.bytesField(MSP_FIELD_NODE_OUS, NODE_OUS);
  const lists = organization.revocationLists ?? [];
  for (const list of lists.toReversed()) writer.stringElement(MSP_FIELD_REVOCATION_LIST, list);
  for (const certificate of organization.caCertificates.toReversed()) writer.stringElement(2, certificate);
  writer.stringField(1, organization.mspId);
  writer.close(2, mark);
}

/** No lists and an empty list of them are one: the field is left out. */
export function readMspConfig(reader: WireReader): Pick<OrganizationConfig, "caCertificates" | "revocationLists"> {
  const outer = reader.enter(2);
  reader.string(1);
  const caCertificates: string[] = [];
  while (reader.accept(2)) caCertificates.push(reader.text());
  const revocationLists: string[] = [];
  while (reader.accept(MSP_FIELD_REVOCATION_LIST)) revocationLists.push(reader.text());
  if (!equalBytes(reader.bytes(MSP_FIELD_NODE_OUS), NODE_OUS))
    throw new EncodingInvalidError("Node OUs are not as usual.");
  reader.leave(outer);
  return revocationLists.length === 0 ? { caCertificates } : { caCertificates, revocationLists };
}

/** `orderer.BatchSize`: one limit stands for Fabric's absolute and preferred ones. */
export function writeBatchSize(writer: WireWriter, cutting: BlockCutting): void {
  writer.varintField(3, cutting.bytesMax);
  writer.varintField(2, cutting.bytesMax);
  writer.varintField(1, cutting.messageCountMax);
}

export function readBatchSize(reader: WireReader): Pick<BlockCutting, "messageCountMax" | "bytesMax"> {
  const messageCountMax = reader.varint(1);
  const bytesMax = reader.varint(2);
  reader.varint(3);
  return { messageCountMax, bytesMax };
}

/** As Go's `time.Duration.String` writes it: "200ms", "2s", "1m30.5s", "1h0m0s". */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return "0s";
  if (durationMs < 1000) return `${durationMs}ms`;
  const minutes = Math.floor(durationMs / 60_000);
  const seconds = `${(durationMs % 60_000) / 1000}s`;
  if (minutes === 0) return seconds;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`;
}

/** @throws EncodingInvalidError for every form but that of {@link formatDuration} */
export function parseDuration(text: string): number {
  const parts = /^(?:(\d{1,4})h)?(?:(\d{1,5})m)?(\d{1,5}(?:\.\d{1,3})?)s$|^(\d{1,3})ms$/.exec(text);
  const [, hours = "0", minutes = "0", seconds = "0", ms = "0"] = parts ?? [];
  const durationMs =
    Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Math.round(Number(seconds) * 1000) + Number(ms);
  if (parts === null || formatDuration(durationMs) !== text)
    throw new EncodingInvalidError("The batch timeout is not a duration.");
  return durationMs;
}

function encodeNodeOus(): Uint8Array {
  const writer = new WireWriter(128);
  for (const [field, unit] of [
    [5, "orderer"],
    [4, "admin"],
    [3, "peer"],
    [2, "client"],
  ] as const) {
    const mark = writer.length;
    writer.stringField(2, unit);
    writer.close(field, mark);
  }
  writer.booleanField(1, true);
  return writer.detach();
}
