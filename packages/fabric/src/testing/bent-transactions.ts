import { randomBytes } from "node:crypto";
import { type EndorsedInput, endorsedEnvelope, namespaceResults } from "@concordat/ledger/testing/endorsed-envelope";
import { sign } from "../client/proposal.ts";
import { serializeIdentity } from "../node/running-node.ts";
import type { Signer } from "../ports.ts";
import { privateKeyOf } from "./gateway-client.ts";
import type { TestNetwork } from "./test-network.ts";

export interface OutsideTransaction {
  readonly txId: string;
  readonly envelope: Uint8Array;
}

/**
 * A put of `bent` = `1` by contract `kv`, endorsed by every organization's peer and in order, but for what `bend` changes. Made by Fabric's
 * official messages; hashes and signatures cover what was bent.
 */
export async function bentTransaction(
  network: TestNetwork,
  creator: Signer,
  bend: Partial<EndorsedInput> & { readonly txId?: string } = {},
): Promise<OutsideTransaction> {
  const { txId: statedTxId, change, ...parts } = bend;
  const { txId, envelope } = await endorsedEnvelope({
    creator: testMember(creator),
    endorsers: network.organizations.map(({ mspId }) => peerOf(network, mspId)),
    namespaces: [namespaceResults("kv", { writes: [{ key: "bent", value: Buffer.from("1") }] })],
    contractVersion: "1",
    nonce: randomBytes(24),
    timeMs: Date.now(),
    ...parts,
    change: {
      ...change,
      channelHeader(header) {
        change?.channelHeader?.(header);
        if (statedTxId !== undefined) header.setTxId(statedTxId);
      },
    },
  });
  return { txId: statedTxId ?? txId, envelope };
}

/** The peer's own identity, to endorse with its key what it would not. */
export function peerOf(network: TestNetwork, mspId: string): EndorsedInput["creator"] {
  return testMember({ mspId, ...network.peer(mspId).config.identity });
}

export function testMember(signer: Signer): EndorsedInput["creator"] {
  const { mspId, certificatePem } = signer;
  return {
    mspId,
    certificatePem,
    serialized: serializeIdentity(mspId, certificatePem),
    keyObject: privateKeyOf(signer),
    sign: async (message) => sign(signer, message),
  };
}
