import { once } from "node:events";
import grpc from "@grpc/grpc-js";
import { peer } from "@hyperledger/fabric-protos";
import { decodeMessage, type ShimMessage } from "../message.ts";
import { REGISTER_METHOD } from "../wire.ts";

export interface RawMessage {
  readonly type: number;
  readonly payload?: Uint8Array;
  readonly channelId?: string;
  readonly txId?: string;
  readonly event?: string;
}

export function encodeRaw(message: RawMessage): Uint8Array {
  const encoded = new peer.ChaincodeMessage();
  // Numbers that the protocol does not know are sent too.
  encoded.setType(message.type as peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap]);
  encoded.setPayload(message.payload ?? new Uint8Array());
  encoded.setChannelId(message.channelId ?? "mychannel");
  encoded.setTxid(message.txId ?? "");
  if (message.event !== undefined) {
    const event = new peer.ChaincodeEvent();
    event.setEventName(message.event);
    encoded.setChaincodeEvent(event);
  }
  return encoded.serializeBinary();
}

export function registration(packageId: string): Uint8Array {
  const id = new peer.ChaincodeID();
  id.setName(packageId);
  return encodeRaw({ type: peer.ChaincodeMessage.Type.REGISTER, payload: id.serializeBinary() });
}

/** A chaincode that says exactly what a test has it say. */
export class RawChaincode {
  readonly received: ShimMessage[] = [];
  /** gRPC's code and text when the stream has ended. */
  readonly status: Promise<{ readonly code: number; readonly details: string }>;
  readonly #client: grpc.Client;
  readonly #stream: grpc.ClientDuplexStream<Uint8Array, Uint8Array>;

  constructor(socketPath: string) {
    const { path, requestSerialize, responseDeserialize } = REGISTER_METHOD;
    this.#client = new grpc.Client(`unix:${socketPath}`, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
    this.#stream = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, new grpc.Metadata());
    this.status = new Promise((resolve) => this.#stream.on("status", resolve));
    this.#stream.on("error", () => undefined);
    this.#stream.on("data", (bytes: Uint8Array) => {
      const message = decodeMessage(bytes);
      if (message !== undefined) this.received.push(message);
      this.#stream.emit("received");
    });
  }

  send(bytes: Uint8Array): void {
    this.#stream.write(bytes);
  }

  say(message: RawMessage): void {
    this.send(encodeRaw(message));
  }

  /** Waits until so many messages have come in all. */
  async messages(count: number): Promise<readonly ShimMessage[]> {
    while (this.received.length < count) await once(this.#stream, "received");
    return this.received;
  }

  /** Takes nothing more. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  end(): void {
    this.#stream.end();
  }

  close(): void {
    this.#stream.cancel();
    this.#client.close();
  }
}
