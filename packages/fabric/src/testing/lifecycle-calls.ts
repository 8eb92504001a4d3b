import { encodeApplicationPolicy, parsePolicyText } from "@concordat/ledger/endorsement";
import { peer } from "@hyperledger/fabric-protos";
import type { Signer } from "../ports.ts";
import { signedProposal } from "./messages.ts";
import { OutsideClient, type Proposed, type Verdict } from "./outside-client.ts";
import type { TestNetwork } from "./test-network.ts";

const lifecycle = peer.lifecycle;

/** A definition as the `peer` command states it. */
export interface StatedDefinition {
  readonly name: string;
  readonly version?: string;
  readonly sequence?: number;
  readonly initRequired?: boolean;
  /** A policy's text. */
  readonly policy?: string;
  /** Names of private data collections. */
  readonly collections?: readonly string[];
}

type Definable = InstanceType<
  | typeof lifecycle.ApproveChaincodeDefinitionForMyOrgArgs
  | typeof lifecycle.CommitChaincodeDefinitionArgs
  | typeof lifecycle.CheckCommitReadinessArgs
>;

function stated<Message extends Definable>(message: Message, definition: StatedDefinition): Message {
  const { name, version = "1.0", sequence = 1, initRequired = false, policy, collections } = definition;
  message.setName(name);
  message.setVersion(version);
  message.setSequence(sequence);
  message.setInitRequired(initRequired);
  if (policy !== undefined) message.setValidationParameter(encodeApplicationPolicy(parsePolicyText(policy)));
  if (collections !== undefined) {
    const list = new peer.CollectionConfigPackage();
    for (const collection of collections) {
      const config = new peer.StaticCollectionConfig();
      config.setName(collection);
      const entry = new peer.CollectionConfig();
      entry.setStaticCollectionConfig(config);
      list.addConfig(entry);
    }
    message.setCollections(list);
  }
  return message;
}

/** Sends what `peer lifecycle chaincode` sends, for one member, to the peers that it names. */
export class LifecycleCalls {
  readonly #signer: Signer;
  readonly #clients: ReadonlyMap<string, OutsideClient>;

  /** Without MSP ids: to the peer of the signer's own organization. */
  constructor(network: TestNetwork, signer: Signer, mspIds: readonly string[] = [signer.mspId]) {
    this.#signer = signer;
    this.#clients = new Map(mspIds.map((mspId) => [mspId, new OutsideClient(network, signer, mspId)]));
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  /** One answer for each of the peers; the same proposal goes to all. */
  async propose(fn: string, argument: { serializeBinary(): Uint8Array }, channelId: string): Promise<Proposed[]> {
    const args = [fn, argument.serializeBinary()];
    const { bytes, txId } = signedProposal(this.#signer, { contract: "_lifecycle", channelId, args });
    return Promise.all([...this.#clients.values()].map((client) => client.forward(bytes, txId)));
  }

  /** Asks the first peer. Packages are the peer's own affair: they are asked for without a channel. */
  async ask(fn: string, argument: { serializeBinary(): Uint8Array }, channelId = ""): Promise<Proposed> {
    const [answer] = await this.propose(fn, argument, channelId);
    if (answer === undefined) throw new TypeError("There is no peer to ask.");
    return answer;
  }

  install(packageBytes: Uint8Array): Promise<Proposed> {
    const input = new lifecycle.InstallChaincodeArgs();
    input.setChaincodeInstallPackage(packageBytes);
    return this.ask("InstallChaincode", input);
  }

  /** @param packageId none: "unavailable" */
  approve(definition: StatedDefinition, packageId?: string): Promise<Proposed[]> {
    const input = stated(new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs(), definition);
    const source = new lifecycle.ChaincodeSource();
    if (packageId === undefined) source.setUnavailable(new lifecycle.ChaincodeSource.Unavailable());
    else {
      const local = new lifecycle.ChaincodeSource.Local();
      local.setPackageId(packageId);
      source.setLocalPackage(local);
    }
    input.setSource(source);
    return this.propose("ApproveChaincodeDefinitionForMyOrg", input, "ch1");
  }

  commit(definition: StatedDefinition): Promise<Proposed[]> {
    const input = stated(new lifecycle.CommitChaincodeDefinitionArgs(), definition);
    return this.propose("CommitChaincodeDefinition", input, "ch1");
  }

  /** Which organizations have approved, or the refusal. */
  async readiness(definition: StatedDefinition): Promise<Readonly<Record<string, boolean>> | string> {
    const input = stated(new lifecycle.CheckCommitReadinessArgs(), definition);
    const { status, message, payload } = await this.ask("CheckCommitReadiness", input, "ch1");
    if (status !== 200) return message;
    const result = lifecycle.CheckCommitReadinessResult.deserializeBinary(payload);
    return Object.fromEntries(result.getApprovalsMap().toArray());
  }

  /** Has a transaction made of the answers ordered, and waits for its verdict. */
  async order(answers: readonly Proposed[]): Promise<Verdict> {
    const [client] = this.#clients.values();
    if (client === undefined) throw new TypeError("There is no peer to ask.");
    const { txId, envelope } = client.assemble(answers);
    const [answer] = await client.broadcast(envelope);
    if (answer?.status !== 200) throw new Error(`Not ordered: ${answer?.info}`);
    return client.commitStatus(txId);
  }
}
