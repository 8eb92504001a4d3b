import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { utf8ToBytes } from "@concordat/base";
import { common, ledger, msp, orderer, peer } from "@hyperledger/fabric-protos";
import type { ChannelConfig, OrganizationConfig } from "../ports.ts";
import type { DecodedBlock } from "./block.ts";
import type { ConfigTransactionInput } from "./config.ts";
import type { KeyRead, KeyWrite, SerialEnvelopeInput } from "./envelope.ts";
import type { EnvelopeTimestamp } from "./header.ts";

/** What the tests compare with: the same messages made by Fabric's official classes, sharing nothing with our own writer. */

const { rwset } = ledger;
const { kvrwset } = ledger.rwset;

interface OfficialTimestamp {
  setSeconds(seconds: number): void;
  setNanos(nanos: number): void;
}
// google-protobuf ships no types, and is a dependency of fabric-protos rather than ours.
const requireAsFabric = createRequire(createRequire(import.meta.url).resolve("@hyperledger/fabric-protos"));
const { Timestamp } = requireAsFabric("google-protobuf/google/protobuf/timestamp_pb.js") as {
  readonly Timestamp: new () => OfficialTimestamp;
};

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return digest.digest();
}

function channelHeader(
  type: number,
  channelId: string,
  txId: string,
  timestamp: EnvelopeTimestamp,
  extension: Uint8Array,
) {
  const time = new Timestamp();
  time.setSeconds(timestamp.seconds);
  time.setNanos(timestamp.nanos);
  const header = new common.ChannelHeader();
  header.setType(type);
  header.setVersion(0);
  (header as { setTimestamp(value: unknown): void }).setTimestamp(time);
  header.setChannelId(channelId);
  header.setTxId(txId);
  header.setEpoch(0);
  header.setExtension$(extension);
  return header.serializeBinary();
}

function signatureHeader(creator: Uint8Array, nonce: Uint8Array): Uint8Array {
  const header = new common.SignatureHeader();
  header.setCreator(creator);
  header.setNonce(nonce);
  return header.serializeBinary();
}

function envelope(channelHeaderBytes: Uint8Array, signatureHeaderBytes: Uint8Array, data: Uint8Array): Uint8Array {
  const header = new common.Header();
  header.setChannelHeader(channelHeaderBytes);
  header.setSignatureHeader(signatureHeaderBytes);
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(data);
  const whole = new common.Envelope();
  whole.setPayload(payload.serializeBinary());
  return whole.serializeBinary();
}

function chaincodeId(name: string, version = "") {
  const id = new peer.ChaincodeID();
  id.setName(name);
  id.setVersion(version);
  return id;
}

function byUtf8Bytes(a: { readonly key: string }, b: { readonly key: string }): number {
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}

function results(namespace: string, reads: readonly KeyRead[], writes: readonly KeyWrite[]): Uint8Array {
  const set = new kvrwset.KVRWSet();
  for (const { key, version } of [...reads].sort(byUtf8Bytes)) {
    const read = new kvrwset.KVRead();
    read.setKey(key);
    if (version !== undefined) {
      const official = new kvrwset.Version();
      official.setBlockNum(version.block);
      official.setTxNum(version.index);
      read.setVersion(official);
    }
    set.addReads(read);
  }
  for (const { key, value } of [...writes].sort(byUtf8Bytes)) {
    const write = new kvrwset.KVWrite();
    write.setKey(key);
    write.setIsDelete(value === undefined);
    write.setValue(value ?? new Uint8Array(0));
    set.addWrites(write);
  }
  const namespaceSet = new rwset.NsReadWriteSet();
  namespaceSet.setNamespace(namespace);
  namespaceSet.setRwset(set.serializeBinary());
  const whole = new rwset.TxReadWriteSet();
  whole.setDataModel(rwset.TxReadWriteSet.DataModel.KV);
  whole.addNsRwset(namespaceSet);
  return whole.serializeBinary();
}

function chaincodeAction(input: SerialEnvelopeInput): Uint8Array {
  const response = new peer.Response();
  response.setStatus(input.response.status);
  response.setMessage(input.response.message);
  response.setPayload(input.response.payload);
  const action = new peer.ChaincodeAction();
  action.setResults(results(input.contract, input.reads, input.writes));
  if (input.event !== undefined) {
    const event = new peer.ChaincodeEvent();
    event.setChaincodeId(input.contract);
    event.setTxId(input.txId);
    event.setEventName(input.event.name);
    event.setPayload(input.event.payload);
    action.setEvents(event.serializeBinary());
  }
  action.setResponse(response);
  action.setChaincodeId(chaincodeId(input.contract, input.contractVersion));
  return action.serializeBinary();
}

function proposalPayload(input: SerialEnvelopeInput): Uint8Array {
  const chaincodeInput = new peer.ChaincodeInput();
  chaincodeInput.setArgsList(input.args.map((arg) => (typeof arg === "string" ? utf8ToBytes(arg) : arg)));
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.NODE);
  spec.setChaincodeId(chaincodeId(input.contract));
  spec.setInput(chaincodeInput);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  return payload.serializeBinary();
}

export function officialSerialEnvelope(input: SerialEnvelopeInput): Uint8Array {
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId(input.contract));
  const channel = channelHeader(
    common.HeaderType.ENDORSER_TRANSACTION,
    input.channelId,
    input.txId,
    input.timestamp,
    extension.serializeBinary(),
  );
  const signature = signatureHeader(input.creator, input.nonce);
  const proposal = proposalPayload(input);
  const responsePayload = new peer.ProposalResponsePayload();
  responsePayload.setProposalHash(sha256(channel, signature, proposal));
  responsePayload.setExtension$(chaincodeAction(input));
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(responsePayload.serializeBinary());
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(proposal);
  actionPayload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(signature);
  action.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(action);
  return envelope(channel, signature, transaction.serializeBinary());
}

export function officialIdentity(mspId: string, certificatePem: string): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(utf8ToBytes(certificatePem));
  return identity.serializeBinary();
}

/** `proof` is the serialized BlockProof, which is ours and not Fabric's. */
export function officialBlock(block: DecodedBlock, proof: Uint8Array): Uint8Array {
  const header = new common.BlockHeader();
  header.setNumber(block.number);
  header.setPreviousHash(block.previousHash);
  header.setDataHash(block.dataHash);
  const data = new common.BlockData();
  data.setDataList([...block.envelopes]);
  const empty = new Uint8Array(0);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([empty, empty, block.validationCodes, empty, empty, proof]);
  const whole = new common.Block();
  whole.setHeader(header);
  whole.setData(data);
  whole.setMetadata(metadata);
  return whole.serializeBinary();
}

function configValue(value: Uint8Array) {
  const official = new common.ConfigValue();
  official.setVersion(0);
  official.setValue(value);
  official.setModPolicy("Admins");
  return official;
}

function configGroup() {
  const group = new common.ConfigGroup();
  group.setVersion(0);
  group.setModPolicy("Admins");
  return group;
}

function mspConfig(organization: OrganizationConfig): Uint8Array {
  const unit = (name: string) => {
    const identifier = new msp.FabricOUIdentifier();
    identifier.setOrganizationalUnitIdentifier(name);
    return identifier;
  };
  const units = new msp.FabricNodeOUs();
  units.setEnable(true);
  units.setClientOuIdentifier(unit("client"));
  units.setPeerOuIdentifier(unit("peer"));
  units.setAdminOuIdentifier(unit("admin"));
  units.setOrdererOuIdentifier(unit("orderer"));
  const fabric = new msp.FabricMSPConfig();
  fabric.setName(organization.mspId);
  fabric.setRootCertsList(organization.caCertificates.map(utf8ToBytes));
  fabric.setRevocationListList((organization.revocationLists ?? []).map(utf8ToBytes));
  fabric.setFabricNodeOus(units);
  const config = new msp.MSPConfig();
  config.setType(0);
  config.setConfig(fabric.serializeBinary());
  return config.serializeBinary();
}

/** `channelSettings` and `keysOf` give the serialized messages that are ours and not Fabric's. */
export function officialConfigEnvelope(
  config: ChannelConfig,
  sequence: number,
  channelSettings: Uint8Array,
  keysOf: (organization: OrganizationConfig) => Uint8Array,
): Uint8Array {
  const application = configGroup();
  for (const organization of config.organizations) {
    const group = configGroup();
    group.getValuesMap().set("MSP", configValue(mspConfig(organization)));
    group.getValuesMap().set("CheckpointKeys", configValue(keysOf(organization)));
    application.getGroupsMap().set(organization.mspId, group);
  }
  const batchSize = new orderer.BatchSize();
  batchSize.setMaxMessageCount(config.blockCutting.messageCountMax);
  batchSize.setAbsoluteMaxBytes(config.blockCutting.bytesMax);
  batchSize.setPreferredMaxBytes(config.blockCutting.bytesMax);
  const batchTimeout = new orderer.BatchTimeout();
  const { timeoutMs } = config.blockCutting;
  batchTimeout.setTimeout(timeoutMs >= 1000 ? `${timeoutMs / 1000}s` : `${timeoutMs}ms`);
  const ordererGroup = configGroup();
  ordererGroup.getValuesMap().set("BatchTimeout", configValue(batchTimeout.serializeBinary()));
  ordererGroup.getValuesMap().set("BatchSize", configValue(batchSize.serializeBinary()));
  const channelGroup = configGroup();
  channelGroup.getGroupsMap().set("Orderer", ordererGroup);
  channelGroup.getGroupsMap().set("Application", application);
  channelGroup.getValuesMap().set("ChannelSettings", configValue(channelSettings));
  const official = new common.Config();
  official.setSequence(sequence);
  official.setChannelGroup(channelGroup);
  const whole = new common.ConfigEnvelope();
  whole.setConfig(official);
  return whole.serializeBinary();
}

export function officialConfigTransaction(input: ConfigTransactionInput, configEnvelope: Uint8Array): Uint8Array {
  const creator = input.creator ?? new Uint8Array(0);
  const txId = Buffer.from(sha256(input.nonce, creator)).toString("hex");
  const channel = channelHeader(
    common.HeaderType.CONFIG,
    input.config.channelId,
    txId,
    input.timestamp,
    new Uint8Array(0),
  );
  return envelope(channel, signatureHeader(creator, input.nonce), configEnvelope);
}
