import { HEADER_TYPE_ENDORSER_TRANSACTION } from "./header.ts";
import { WireWriter } from "./wire-writer.ts";

/** The parts of a serial envelope that depend on channel, creator and contract alone, as wire bytes. */
export interface EnvelopeTemplate {
  readonly channelHeaderType: Uint8Array;
  readonly channelHeaderId: Uint8Array;
  readonly channelHeaderExtension: Uint8Array;
  readonly signatureHeaderUpToNonce: Uint8Array;
  readonly chaincodeSpecUpToInput: Uint8Array;
  readonly chaincodeActionId: Uint8Array;
  /** The contract's name as field 1: NsReadWriteSet.namespace and ChaincodeEvent.chaincode_id. */
  readonly contractNameFirst: Uint8Array;
}

/** ChaincodeSpec.Type NODE, which Fabric's gateway clients write whatever the contract's language. */
const CHAINCODE_TYPE_NODE = 2;
export const NONCE_LENGTH = 24;

const cache = new WeakMap<Uint8Array, Map<string, EnvelopeTemplate>>();

/** Cached for as long as the creator's array lives; the array must not be changed meanwhile. */
export function envelopeTemplate(
  creator: Uint8Array,
  channelId: string,
  contract: string,
  contractVersion: string,
): EnvelopeTemplate {
  const key = `${channelId}\n${contract}\n${contractVersion}`;
  let templates = cache.get(creator);
  if (templates === undefined) {
    templates = new Map();
    cache.set(creator, templates);
  }
  let template = templates.get(key);
  if (template === undefined) {
    template = createTemplate(creator, channelId, contract, contractVersion);
    templates.set(key, template);
  }
  return template;
}

function createTemplate(
  creator: Uint8Array,
  channelId: string,
  contract: string,
  contractVersion: string,
): EnvelopeTemplate {
  return {
    channelHeaderType: encode((writer) => writer.varintField(1, HEADER_TYPE_ENDORSER_TRANSACTION)),
    channelHeaderId: encode((writer) => writer.stringField(4, channelId)),
    channelHeaderExtension: encode((writer) => {
      writer.stringField(2, contract);
      writer.close(2, 0); // ChaincodeHeaderExtension.chaincode_id
      writer.close(7, 0);
    }),
    signatureHeaderUpToNonce: encode((writer) => {
      writer.raw(Uint8Array.of(0x12, NONCE_LENGTH)); // tag and length of SignatureHeader.nonce
      writer.bytesField(1, creator);
    }),
    chaincodeSpecUpToInput: encode((writer) => {
      writer.stringField(2, contract);
      writer.close(2, 0); // ChaincodeSpec.chaincode_id
      writer.varintField(1, CHAINCODE_TYPE_NODE);
    }),
    chaincodeActionId: encode((writer) => {
      writer.stringField(3, contractVersion);
      writer.stringField(2, contract);
      writer.close(4, 0); // ChaincodeAction.chaincode_id
    }),
    contractNameFirst: encode((writer) => writer.stringField(1, contract)),
  };
}

function encode(write: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter(256);
  write(writer);
  return writer.detach();
}
