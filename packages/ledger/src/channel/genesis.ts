import type { Clock, FileSystem, RandomSource } from "@concordat/base";
import { openAnchor } from "../block-store/anchor.ts";
import { openBlockStore } from "../block-store/block-store.ts";
import { createChannelFolder } from "../block-store/channel-folder.ts";
import { encodeConfigTransaction } from "../encoding/config.ts";
import type { ChannelConfig, CheckpointSigner } from "../ports.ts";
import { type CutBlock, cutBlock, type LeafSink } from "./block-builder.ts";
import { VALID } from "./effects.ts";
import { TransactionClock } from "./transaction-clock.ts";

/** Block 0 of a new channel: its first configuration, signed by every organization that it names. */
export function genesisBlock(
  config: ChannelConfig,
  dependencies: { readonly signers: readonly CheckpointSigner[]; readonly clock: Clock; readonly random: RandomSource },
): CutBlock {
  const time = new TransactionClock(0, dependencies.clock).next();
  const { envelope, txId } = encodeConfigTransaction({
    config,
    sequence: 0,
    timestamp: time,
    nonce: dependencies.random.bytes(24),
  });
  const placed = { txId, block: 0, index: 0, validationCode: VALID, isDurable: false };
  return cutBlock(
    {
      origin: config.origin,
      tip: { height: 0, headerHash: new Uint8Array(0) },
      transactions: [{ placed, kind: 0, envelope, timestampMs: time.ms, writes: [], settle: () => undefined }],
    },
    {
      merkle: new FirstLeaf(),
      sm3: config.cryptography === "sm" ? new FirstLeaf() : undefined,
      signers: dependencies.signers,
    },
  );
}

/** Makes the folder of a new channel with its block 0 and anchor; it appears whole or not at all. */
export async function createGenesis(
  options: { readonly channelsDirectory: string; readonly config: ChannelConfig },
  dependencies: {
    readonly fileSystem: FileSystem;
    readonly signers: readonly CheckpointSigner[];
    readonly clock: Clock;
    readonly random: RandomSource;
  },
): Promise<void> {
  const { channelsDirectory, config } = options;
  const block = genesisBlock(config, dependencies);
  await createChannelFolder({ channelsDirectory, name: config.channelId }, dependencies, async (directory) => {
    const blocks = await openBlockStore({ directory, origin: config.origin, acknowledgedHeight: 0 }, dependencies);
    await blocks.append([block.bytes]);
    await blocks.close();
    const anchor = await openAnchor({ directory }, dependencies);
    await anchor.write(1, block.checkpoint);
    await anchor.close();
  });
}

/** The tree of the first leaf: its root is the leaf's hash. */
class FirstLeaf implements LeafSink {
  #root: Uint8Array = new Uint8Array(0);
  size = 0;

  append(leafHashes: readonly Uint8Array[]): void {
    this.#root = leafHashes[0] ?? this.#root;
    this.size += leafHashes.length;
  }

  root(): Uint8Array {
    return this.#root;
  }
}
