import { createHash } from "node:crypto";
import { type Clock, equalBytes, isConcordatError } from "@concordat/base";
import type { Ledger } from "@concordat/ledger/client";
import { AccessError, checkChannelAccess } from "../endorser/access.ts";
import type { CallContext, Outbox } from "../node/calls.ts";
import type { ChannelHead } from "../node/channel-head.ts";
import type { PeerChannel } from "../node/peer-channel.ts";
import type { RunningNode } from "../node/running-node.ts";
import type { CommonStatus } from "../orderer/ordering.ts";
import { WireError } from "../wire/read.ts";
import { readSeekInfo, readSeekRequest, type SeekInfo, type SeekPosition, type SeekRequest } from "./seek.ts";

const TIME_WINDOW_MS = 15 * 60 * 1_000;

/** How a stream writes its answers: peers and orderers, whole and filtered blocks differ. */
export interface DeliverFormat {
  status(status: CommonStatus): Uint8Array;
  /** Undefined when the block cannot be shown in this form. */
  block(bytes: Uint8Array, channelId: string, headersOnly: boolean): Uint8Array | undefined;
}

export interface DeliverDependencies {
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/** One Deliver stream: request after request, each answered by its blocks and a status; anything but success ends the stream. */
export async function deliver(
  node: RunningNode,
  format: DeliverFormat,
  requests: AsyncIterable<Uint8Array>,
  outbox: Outbox,
  context: CallContext,
  dependencies: DeliverDependencies,
): Promise<void> {
  for await (const envelope of requests) {
    const session = new DeliverSession(node, format, outbox, context, dependencies);
    const status = await session.answer(envelope);
    await outbox.send(format.status(status));
    if (status !== "SUCCESS") return;
  }
}

class DeliverSession {
  readonly #node: RunningNode;
  readonly #format: DeliverFormat;
  readonly #outbox: Outbox;
  readonly #context: CallContext;
  readonly #dependencies: DeliverDependencies;

  constructor(
    node: RunningNode,
    format: DeliverFormat,
    outbox: Outbox,
    context: CallContext,
    dependencies: DeliverDependencies,
  ) {
    this.#node = node;
    this.#format = format;
    this.#outbox = outbox;
    this.#context = context;
    this.#dependencies = dependencies;
  }

  async answer(envelope: Uint8Array): Promise<CommonStatus> {
    try {
      const request = readSeekRequest(envelope);
      if (!this.#isTimely(request) || !this.#isBound(request)) return "BAD_REQUEST";
      const channel = this.#node.channels.get(request.channelId);
      if (channel === undefined) return "NOT_FOUND";
      const seek = readSeekInfo(request.seekInfo);
      this.#check(request, channel.head);
      return await this.#sendBlocks(channel, seek, () => this.#check(request, channel.head));
    } catch (error) {
      if (error instanceof WireError) return "BAD_REQUEST";
      if (error instanceof AccessError) return "FORBIDDEN";
      throw error;
    }
  }

  async #sendBlocks(channel: PeerChannel, seek: SeekInfo, check: () => void): Promise<CommonStatus> {
    if (seek.start === undefined || seek.stop === undefined) return "BAD_REQUEST";
    const first = firstBlock(seek.start, channel);
    if (first === undefined) return "NOT_FOUND";
    const last = lastBlock(seek, first, channel);
    if (seek.stop.kind === "specified" && last < first) return "BAD_REQUEST";
    for (let number = first; ; number++) {
      if (seek.failIfNotReady && number >= channel.height) return "NOT_FOUND";
      await channel.waitForBlock(number, this.#context.signal);
      const bytes = await this.#read(channel.channelId, number);
      if (bytes === undefined) return "NOT_FOUND";
      // By the newest configuration and the present time: a reader who was revoked, or has expired, reads no further.
      check();
      const message = this.#format.block(
        bytes,
        channel.channelId,
        seek.headersOnly && number !== channel.head.configBlock,
      );
      if (message === undefined) return "BAD_REQUEST";
      await this.#outbox.send(message);
      if (number === last) return "SUCCESS";
    }
  }

  /** A channel that was imported from a snapshot lacks its first blocks. */
  async #read(channelId: string, number: number): Promise<Uint8Array | undefined> {
    try {
      return await this.#dependencies.ledger.blockBytes(channelId, number);
    } catch (error) {
      if (isConcordatError(error, "BLOCK_UNKNOWN")) return undefined;
      throw error;
    }
  }

  #check(request: SeekRequest, head: ChannelHead): void {
    const { creator, payload, signature, channelId } = request;
    const signed = { identity: creator, data: payload, signature };
    checkChannelAccess(head.msps, channelId, "Readers", signed, this.#dependencies.clock.nowMs());
  }

  #isTimely({ timestampMs }: SeekRequest): boolean {
    return timestampMs !== undefined && Math.abs(timestampMs - this.#dependencies.clock.nowMs()) <= TIME_WINDOW_MS;
  }

  /** Under mutual TLS a request names the certificate of its connection, so that nobody else's request can be sent again. */
  #isBound({ tlsCertHash }: SeekRequest): boolean {
    if (this.#node.config.tls.clientAuthorities === undefined) return true;
    const certificate = this.#context.tlsCertificate;
    if (certificate === undefined || tlsCertHash.length === 0) return false;
    return equalBytes(new Uint8Array(createHash("sha256").update(certificate).digest()), tlsCertHash);
  }
}

function firstBlock(start: SeekPosition, { height }: PeerChannel): number | undefined {
  if (start.kind !== "specified")
    return { oldest: 0, newest: Math.max(0, height - 1), "next-commit": height }[start.kind];
  // One block beyond the last is the next to come; what lies farther ahead nobody can wait for.
  return start.number <= height ? start.number : undefined;
}

function lastBlock({ start, stop }: SeekInfo, first: number, { height }: PeerChannel): number {
  if (stop?.kind === "specified") return stop.number;
  if (stop?.kind === "oldest") return first;
  if (stop?.kind === "newest") return start?.kind === "newest" ? first : height - 1;
  // As Fabric: a stop that names no block in advance is block 0.
  return 0;
}
