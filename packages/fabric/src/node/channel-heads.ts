import { ChannelHead, type ChannelHeadDependencies } from "./channel-head.ts";

interface Shared {
  readonly head: Promise<ChannelHead>;
  users: number;
}

/** One head for each channel that any running node is on. */
export class ChannelHeads {
  readonly #dependencies: ChannelHeadDependencies;
  readonly #shared = new Map<string, Shared>();

  constructor(dependencies: ChannelHeadDependencies) {
    this.#dependencies = dependencies;
  }

  /** To be released by the caller. @throws LedgerError CHANNEL_UNKNOWN */
  async acquire(channelId: string): Promise<ChannelHead> {
    const shared = this.#shared.get(channelId) ?? { head: ChannelHead.open(channelId, this.#dependencies), users: 0 };
    this.#shared.set(channelId, shared);
    shared.users++;
    try {
      return await shared.head;
    } catch (error) {
      this.release(channelId);
      throw error;
    }
  }

  /** Settles when the channel's head, if there is one, goes by the present configuration. */
  async refresh(channelId: string): Promise<void> {
    const head = await this.#shared.get(channelId)?.head.catch(() => undefined);
    await head?.refresh();
  }

  release(channelId: string): void {
    const shared = this.#shared.get(channelId);
    if (shared === undefined) return;
    shared.users--;
    if (shared.users > 0) return;
    this.#shared.delete(channelId);
    shared.head.then(
      (head) => head.close(),
      () => undefined,
    );
  }

  close(): void {
    for (const channelId of [...this.#shared.keys()]) {
      const shared = this.#shared.get(channelId);
      if (shared !== undefined) shared.users = 1;
      this.release(channelId);
    }
  }
}
