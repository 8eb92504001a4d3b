import { privateKeyFromDer, signMessage } from "@concordat/identity";
import type { NodeConfig } from "../ports.ts";
import { writeMessage } from "../wire/write.ts";
import { addressOf } from "./calls.ts";
import type { PeerChannel } from "./peer-channel.ts";

/** A running peer or orderer: who it is, where it listens, and what it is on. */
export class RunningNode {
  readonly config: NodeConfig;
  readonly channels = new Map<string, PeerChannel>();
  /** A serialized `msp.SerializedIdentity`. */
  readonly identity: Uint8Array;
  readonly #sign: (message: Uint8Array) => Uint8Array;
  #port = 0;

  constructor(config: NodeConfig) {
    this.config = config;
    this.identity = serializeIdentity(config.mspId, config.identity.certificatePem);
    const key = privateKeyFromDer(config.identity.privateKeyDer);
    this.#sign = (message) => signMessage(key, message);
  }

  get nodeId(): string {
    return this.config.nodeId;
  }

  get mspId(): string {
    return this.config.mspId;
  }

  get port(): number {
    return this.#port;
  }

  /** As error details name it: `host:port`, where the host is the name that its TLS certificate carries. */
  get address(): string {
    return addressOf(this.config.name, this.#port);
  }

  listensOn(port: number): void {
    this.#port = port;
  }

  /** With the node's identity key. */
  sign(message: Uint8Array): Uint8Array {
    return this.#sign(message);
  }
}

/** `msp.SerializedIdentity`. */
export function serializeIdentity(mspId: string, certificatePem: string): Uint8Array {
  return writeMessage([1, mspId], [2, certificatePem]);
}
