import { equalBytes } from "@concordat/base";
import type { ChannelConfig, OrganizationConfig } from "../ports.ts";
import {
  formatDuration,
  parseDuration,
  readBatchSize,
  readChannelSettings,
  readMspConfig,
  readOrganizationKeys,
  writeBatchSize,
  writeChannelSettings,
  writeMspConfig,
  writeOrganizationKeys,
} from "./config-values.ts";
import { decodeEnvelope } from "./decode.ts";
import { transactionId } from "./envelope.ts";
import { EncodingInvalidError } from "./errors.ts";
import { type EnvelopeTimestamp, HEADER_TYPE_CONFIG, timestampToMs, writeTimestamp } from "./header.ts";
import { assertMspId, channelIdOfOrigin } from "./names.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

const MOD_POLICY = "Admins";
const GROUPS = 2;
const VALUES = 3;

/**
 * A serialized `common.ConfigEnvelope` as docs/reference/ledger-format.md section 4 lays it out. Organizations are written by ascending
 * MSP id, so {@link decodeConfigEnvelope} gives them back in that order.
 * @throws NameInvalidError, EncodingInvalidError when the configuration has no encoding that reads back as the same
 */
export function encodeConfigEnvelope(config: ChannelConfig, sequence: number): Uint8Array {
  assertEncodable(config);
  const writer = new WireWriter(8192);
  writeGroup(
    writer,
    { Application: () => writeApplication(writer, config.organizations), Orderer: () => writeOrderer(writer, config) },
    { ChannelSettings: () => writeChannelSettings(writer, config) },
  );
  writer.close(2, 0); // Config.channel_group
  writer.varintField(1, sequence);
  writer.close(1, 0); // ConfigEnvelope.config
  return writer.detach();
}

/**
 * @throws NameInvalidError, EncodingInvalidError also for a configuration that Fabric could read but this ledger does not write
 */
export function decodeConfigEnvelope(bytes: Uint8Array): { readonly config: ChannelConfig; readonly sequence: number } {
  const reader = new WireReader(bytes);
  const outer = reader.enter(1);
  const sequence = reader.varint(1);
  const outerGroup = reader.enter(2);
  const organizations: OrganizationConfig[] = [];
  enterEntry(reader, GROUPS, "Application", () => readOrganizations(reader, organizations));
  const { bytesMax, messageCountMax, timeoutMs } = enterEntry(reader, GROUPS, "Orderer", () => readOrderer(reader));
  const settings = enterEntry(reader, VALUES, "ChannelSettings", () => readValue(reader, readChannelSettings));
  readModPolicy(reader);
  reader.leave(outerGroup);
  reader.leave(outer);
  reader.end();
  const { cutWhenIdle, ...rest } = settings;
  const config: ChannelConfig = {
    channelId: channelIdOfOrigin(settings.origin),
    ...rest,
    organizations,
    blockCutting: { messageCountMax, bytesMax, timeoutMs, cutWhenIdle },
  };
  // What the reader cannot see in passing (order of entries, constants, sorting) shows in the second encoding.
  if (!equalBytes(encodeConfigEnvelope(config, sequence), bytes)) {
    throw new EncodingInvalidError("The configuration is not in its one form.");
  }
  return { config, sequence };
}

export interface ConfigTransactionInput {
  readonly config: ChannelConfig;
  readonly sequence: number;
  /** Serialized identity of the submitting organization's administrator; left out where nobody submits, as for block 0. */
  readonly creator?: Uint8Array;
  /** 24 bytes. */
  readonly nonce: Uint8Array;
  readonly timestamp: EnvelopeTimestamp;
}

/** The whole configuration transaction (kind 0): a `common.Envelope` without a signature. */
export function encodeConfigTransaction(input: ConfigTransactionInput): {
  readonly envelope: Uint8Array;
  readonly configEnvelope: Uint8Array;
  readonly txId: string;
} {
  const configEnvelope = encodeConfigEnvelope(input.config, input.sequence);
  const creator = input.creator ?? new Uint8Array(0);
  const txId = transactionId(input.nonce, creator);
  const writer = new WireWriter(configEnvelope.length + creator.length + 512);
  writer.bytesField(2, configEnvelope);
  const header = writer.length;
  writer.bytesField(2, input.nonce);
  writer.bytesField(1, creator);
  writer.close(2, header); // Header.signature_header
  const channelHeader = writer.length;
  writer.stringField(5, txId);
  writer.stringField(4, input.config.channelId);
  writeTimestamp(writer, 3, input.timestamp);
  writer.varintField(1, HEADER_TYPE_CONFIG);
  writer.close(1, channelHeader); // Header.channel_header
  writer.close(1, header); // Payload.header
  writer.close(1, 0); // Envelope.payload
  return { envelope: writer.detach(), configEnvelope, txId };
}

/** @throws EncodingInvalidError also when the transaction id is not that of nonce and creator */
export function decodeConfigTransaction(envelope: Uint8Array): {
  readonly txId: string;
  readonly timestampMs: number;
  readonly configEnvelope: Uint8Array;
} {
  const view = decodeEnvelope(envelope);
  if (view.kind !== "config") throw new EncodingInvalidError("The envelope is not a configuration.");
  const { txId, timestamp } = view.channelHeader;
  const { nonce, creator } = view.signatureHeader;
  if (transactionId(nonce, creator) !== txId) throw new EncodingInvalidError("The transaction id is wrong.");
  return { txId, timestampMs: timestampToMs(timestamp), configEnvelope: view.configEnvelope };
}

function assertEncodable(config: ChannelConfig): void {
  if (channelIdOfOrigin(config.origin) !== config.channelId) {
    throw new EncodingInvalidError("The origin names another channel.");
  }
  const names = config.organizations.map((organization) => organization.mspId);
  for (const name of names) assertMspId(name);
  if (new Set(names).size !== names.length) throw new EncodingInvalidError("An organization stands twice.");
  const { timeoutMs, messageCountMax, bytesMax } = config.blockCutting;
  if (
    ![timeoutMs, messageCountMax, bytesMax].every((value) => Number.isInteger(value) && value > 0 && value < 2 ** 32)
  ) {
    throw new EncodingInvalidError("A limit of block cutting is not an integer from 1 to 2^32 - 1.");
  }
}

function writeApplication(writer: WireWriter, organizations: readonly OrganizationConfig[]): void {
  const groups = organizations.map((organization): [string, () => void] => [
    organization.mspId,
    () =>
      writeGroup(
        writer,
        {},
        {
          CheckpointKeys: () => writeOrganizationKeys(writer, organization),
          MSP: () => writeMspConfig(writer, organization),
        },
      ),
  ]);
  writeGroup(writer, Object.fromEntries(groups), {});
}

function writeOrderer(writer: WireWriter, config: ChannelConfig): void {
  const { blockCutting } = config;
  writeGroup(
    writer,
    {},
    {
      BatchSize: () => writeBatchSize(writer, blockCutting),
      BatchTimeout: () => writer.stringField(1, formatDuration(blockCutting.timeoutMs)),
    },
  );
}

type Content = Readonly<Record<string, () => void>>;

/** Writes the fields of a `ConfigGroup`: version 0, no policies. */
function writeGroup(writer: WireWriter, groups: Content, values: Content): void {
  writer.stringField(5, MOD_POLICY);
  writeEntries(writer, VALUES, values, (writeContent) => {
    writer.stringField(3, MOD_POLICY);
    const mark = writer.length;
    writeContent();
    writer.closeUnlessEmpty(2, mark); // ConfigValue.value
  });
  writeEntries(writer, GROUPS, groups, (writeContent) => writeContent());
}

/** Map entries, ascending by key; all keys are ASCII, so characters compare as bytes do. */
function writeEntries(
  writer: WireWriter,
  field: number,
  entries: Content,
  writeItem: (writeContent: () => void) => void,
): void {
  for (const name of Object.keys(entries).sort().reverse()) {
    const mark = writer.length;
    writeItem(entries[name] ?? (() => {}));
    writer.close(2, mark); // value of the map entry
    writer.stringField(1, name);
    writer.close(field, mark);
  }
}

function readOrganizations(reader: WireReader, organizations: OrganizationConfig[]): void {
  while (reader.accept(GROUPS)) {
    const outer = reader.enterAccepted();
    const mspId = reader.string(1);
    const outerGroup = reader.enter(2);
    const keys = enterEntry(reader, VALUES, "CheckpointKeys", () => readValue(reader, readOrganizationKeys));
    const msp = enterEntry(reader, VALUES, "MSP", () => readValue(reader, readMspConfig));
    readModPolicy(reader);
    reader.leave(outerGroup);
    reader.leave(outer);
    organizations.push({ mspId, ...msp, ...keys });
  }
  readModPolicy(reader);
}

function readOrderer(reader: WireReader): { messageCountMax: number; bytesMax: number; timeoutMs: number } {
  const size = enterEntry(reader, VALUES, "BatchSize", () => readValue(reader, readBatchSize));
  const timeout = enterEntry(reader, VALUES, "BatchTimeout", () => readValue(reader, (content) => content.string(1)));
  readModPolicy(reader);
  return { ...size, timeoutMs: parseDuration(timeout) };
}

/** Reads the map entry that must come next and have the given key. */
function enterEntry<Value>(reader: WireReader, field: number, name: string, read: () => Value): Value {
  const outer = reader.enter(field);
  if (reader.string(1) !== name) throw new EncodingInvalidError(`The configuration lacks "${name}" in its place.`);
  const outerValue = reader.enter(2);
  const value = read();
  reader.leave(outerValue);
  reader.leave(outer);
  return value;
}

/** Reads a `ConfigValue` whose content `read` understands. */
function readValue<Value>(reader: WireReader, read: (content: WireReader) => Value): Value {
  const content = new WireReader(reader.bytes(2));
  const value = read(content);
  content.end();
  readModPolicy(reader, 3);
  return value;
}

function readModPolicy(reader: WireReader, field = 5): void {
  if (reader.string(field) !== MOD_POLICY) throw new EncodingInvalidError("A modification policy is not Admins.");
}
