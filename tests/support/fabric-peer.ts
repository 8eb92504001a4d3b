import { credentials, Metadata } from "@grpc/grpc-js";
import { peer } from "@hyperledger/fabric-protos";
import { chaincodeInput, type MadeProposal } from "./fabric-messages.ts";
import { FabricSimulation, type MessageType } from "./fabric-simulation.ts";
import type { FabricWorldState } from "./fabric-world-state.ts";

const { ChaincodeMessage } = peer;
const { Type } = ChaincodeMessage;
type Message = peer.ChaincodeMessage;

export interface Endorsement {
  readonly response: peer.Response;
  readonly simulation: FabricSimulation;
}

interface Running {
  readonly simulation: FabricSimulation;
  readonly done: PromiseWithResolvers<Endorsement>;
}

/**
 * As much of a peer as a chaincode server sees: it connects, takes the registration, sends transactions and answers what the chaincode
 * asks meanwhile.
 * @source fabric-protos peer/chaincode_shim.proto
 */
export class FabricPeer {
  readonly #client: peer.ChaincodeClient;
  readonly #stream: ReturnType<peer.ChaincodeClient["connect"]>;
  readonly #running = new Map<string, Running>();
  readonly #registered = Promise.withResolvers<string>();
  readonly #channelId: string;

  /** `address` as gRPC names it. */
  constructor(address: string, channelId: string) {
    this.#channelId = channelId;
    this.#client = new peer.ChaincodeClient(address, credentials.createInsecure(), {
      "grpc.initial_reconnect_backoff_ms": 50,
      "grpc.max_reconnect_backoff_ms": 200,
    });
    this.#stream = this.#client.connect(new Metadata({ waitForReady: true }));
    this.#stream.on("data", (message: Message) => this.#receive(message));
    this.#stream.on("error", (error) => this.#fail(error));
    this.#stream.on("end", () => this.#fail(new Error("The chaincode ended the conversation.")));
  }

  /** The name under which the chaincode registered. */
  registered(): Promise<string> {
    return this.#registered.promise;
  }

  /** Has the chaincode run one proposal over a state; the caller commits the writes or drops them. */
  async endorse(proposal: MadeProposal, args: readonly string[], state: FabricWorldState): Promise<Endorsement> {
    await this.#registered.promise;
    const running: Running = { simulation: new FabricSimulation(state), done: Promise.withResolvers() };
    this.#running.set(proposal.txId, running);
    const message = this.#message(Type.TRANSACTION, proposal.txId, chaincodeInput(args).serializeBinary());
    message.setProposal(proposal.signed);
    this.#stream.write(message);
    return running.done.promise;
  }

  close(): void {
    this.#stream.end();
    this.#client.close();
  }

  #receive(message: Message): void {
    const type = message.getType();
    if (type === Type.REGISTER) {
      this.#stream.write(this.#message(Type.REGISTERED, ""));
      this.#stream.write(this.#message(Type.READY, ""));
      this.#registered.resolve(peer.ChaincodeID.deserializeBinary(message.getPayload_asU8()).getName());
      return;
    }
    const txId = message.getTxid();
    const running = this.#running.get(txId);
    if (running === undefined) throw new Error(`A message of type ${type} belongs to no running transaction.`);
    const { simulation, done } = running;
    if (type === Type.COMPLETED || type === Type.ERROR) {
      this.#running.delete(txId);
      const payload = message.getPayload_asU8();
      if (type === Type.ERROR) done.reject(new Error(Buffer.from(payload).toString()));
      else done.resolve({ response: peer.Response.deserializeBinary(payload), simulation });
      return;
    }
    this.#stream.write(this.#answer(message, simulation));
  }

  #answer(request: Message, simulation: FabricSimulation): Message {
    try {
      const payload = simulation.answer(request.getType(), request.getPayload_asU8());
      return this.#message(Type.RESPONSE, request.getTxid(), payload);
    } catch (error) {
      return this.#message(Type.ERROR, request.getTxid(), Buffer.from(String(error)));
    }
  }

  #message(type: MessageType, txId: string, payload: Uint8Array = new Uint8Array()): Message {
    const message = new ChaincodeMessage();
    message.setType(type);
    message.setPayload(payload);
    message.setTxid(txId);
    message.setChannelId(this.#channelId);
    return message;
  }

  #fail(error: Error): void {
    this.#registered.reject(error);
    for (const { done } of this.#running.values()) done.reject(error);
    this.#running.clear();
  }
}
