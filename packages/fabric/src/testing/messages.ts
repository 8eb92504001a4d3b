import { randomBytes } from "node:crypto";
import { systemClock } from "@concordat/base";
import { sign } from "../client/proposal.ts";
import { transactionIdOf } from "../endorser/proposal.ts";
import { serializeIdentity } from "../node/running-node.ts";
import type { Signer } from "../ports.ts";
import { writeMessage } from "../wire/write.ts";

/** A proposal with any part of it bent. */
export interface ProposalParts {
  readonly channelId?: string;
  readonly contract?: string;
  readonly args?: readonly (string | Uint8Array)[];
  readonly type?: number;
  readonly epoch?: number;
  readonly nonce?: Uint8Array;
  readonly txId?: string;
  readonly atMs?: number;
  readonly creator?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly isInit?: boolean;
  readonly transient?: boolean;
  readonly headerContract?: string;
}

/** A serialized SignedProposal. */
export function signedProposal(
  signer: Signer,
  parts: ProposalParts = {},
): { readonly txId: string; readonly bytes: Uint8Array } {
  const { channelId = "ch1", contract = "kv", args = ["put", "a", "1"], type = 3 } = parts;
  const creator = parts.creator ?? serializeIdentity(signer.mspId, signer.certificatePem);
  const nonce = parts.nonce ?? randomBytes(24);
  const txId = parts.txId ?? transactionIdOf(nonce, creator);
  const atMs = parts.atMs ?? systemClock.nowMs();
  const channelHeader = writeMessage(
    [1, type],
    [3, timestamp(atMs)],
    [4, channelId],
    [5, txId],
    [6, parts.epoch],
    [7, writeMessage([2, writeMessage([2, parts.headerContract ?? contract])])],
  );
  const header = writeMessage([1, channelHeader], [2, writeMessage([1, creator], [2, nonce])]);
  const input = writeMessage(...args.map((arg) => ({ present: 1, value: Buffer.from(arg) })), [3, parts.isInit]);
  const spec = writeMessage([1, 2], [2, writeMessage([2, contract])], { present: 3, value: input });
  const secret = parts.transient === true ? writeMessage([1, "secret"], [2, "value"]) : undefined;
  const proposal = writeMessage([1, header], [2, writeMessage([1, writeMessage([1, spec])], [2, secret])]);
  return { txId, bytes: writeMessage([1, proposal], [2, parts.signature ?? sign(signer, proposal)]) };
}

/** `gateway.EvaluateRequest` and `gateway.EndorseRequest`. */
export function proposalRequest(proposal: Uint8Array, organizations: readonly string[] = []): Uint8Array {
  return writeMessage(
    [1, "ignored"],
    [2, "ch1"],
    [3, proposal],
    ...organizations.map((one): [number, string] => [4, one]),
  );
}

/** A signed Envelope around a payload. */
export function signedEnvelope(signer: Signer, payload: Uint8Array): Uint8Array {
  return writeMessage([1, payload], [2, sign(signer, payload)]);
}

export interface SeekParts {
  readonly channelId?: string;
  readonly atMs?: number;
  readonly start?: Uint8Array;
  readonly stop?: Uint8Array;
  readonly behavior?: number;
  readonly contentType?: number;
  readonly tlsCertHash?: Uint8Array;
  readonly signature?: Uint8Array;
}

export const seek = {
  newest: { present: 1, value: new Uint8Array(0) },
  oldest: { present: 2, value: new Uint8Array(0) },
  nextCommit: { present: 4, value: new Uint8Array(0) },
  block: (number: number) => ({ present: 3, value: writeMessage([1, number]) }),
};

/** A signed request for blocks. @param seekInfo without start or stop when undefined */
export function seekEnvelope(
  signer: Signer,
  range: {
    readonly start?: { present: number; value: Uint8Array };
    readonly stop?: { present: number; value: Uint8Array };
  },
  parts: SeekParts = {},
): Uint8Array {
  const { channelId = "ch1" } = parts;
  const creator = serializeIdentity(signer.mspId, signer.certificatePem);
  const header = writeMessage(
    [
      1,
      writeMessage([1, 5], [3, timestamp(parts.atMs ?? systemClock.nowMs())], [4, channelId], [8, parts.tlsCertHash]),
    ],
    [2, writeMessage([1, creator], [2, randomBytes(24)])],
  );
  const info = writeMessage(
    [1, range.start && writeMessage(range.start)],
    [2, range.stop && writeMessage(range.stop)],
    [3, parts.behavior],
    [5, parts.contentType],
  );
  const payload = writeMessage([1, header], [2, info]);
  return writeMessage([1, payload], [2, parts.signature ?? sign(signer, payload)]);
}

/** A request that is signed by itself: `SignedCommitStatusRequest`, `SignedChaincodeEventsRequest`. */
export function signedRequest(signer: Signer, request: Uint8Array, signature = sign(signer, request)): Uint8Array {
  return writeMessage([1, request], [2, signature]);
}

export function commitStatusRequest(signer: Signer, txId: string, channelId = "ch1"): Uint8Array {
  return writeMessage([1, txId], [2, channelId], [3, serializeIdentity(signer.mspId, signer.certificatePem)]);
}

function timestamp(atMs: number): Uint8Array {
  return writeMessage([1, Math.floor(atMs / 1_000)], [2, (atMs % 1_000) * 1_000_000]);
}
