import { equalBytes, type FileSystem } from "@concordat/base";
import { type Anchor, openAnchor } from "../block-store/anchor.ts";
import { type BlockStore, openBlockStore } from "../block-store/block-store.ts";
import { createChannelFolder, listChannelFolders } from "../block-store/channel-folder.ts";

/** A promise of the stores that did not hold. */
export class ViolationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ViolationError";
  }
}

export interface TrialOptions {
  /** Above 0: the channel starts as an imported snapshot does, with an anchor and without blocks. */
  readonly firstBlock: number;
  readonly segmentBytesMax: number;
}

const CHANNELS = "/srv/data/channels";
const NAME = "evidence";

/**
 * One channel's stores used in the order in which the engine uses them, with a memory of what was promised. The memory
 * survives the crashes that the disk goes through; `check` compares the two.
 */
export class ChannelTrial {
  readonly #options: TrialOptions;
  /** Block `firstBlock` + index, as last given to the store under that number. */
  #blocks: Uint8Array[] = [];
  #created = false;
  /** Number of blocks that were acknowledged. */
  #acknowledgedHeight: number;
  #serial = 0;

  constructor(options: TrialOptions) {
    this.#options = options;
    this.#acknowledgedHeight = options.firstBlock;
  }

  /** The same memory, for another of the disks that one crash can leave. */
  fork(): ChannelTrial {
    const copy = new ChannelTrial(this.#options);
    copy.#blocks = [...this.#blocks];
    copy.#created = this.#created;
    copy.#acknowledgedHeight = this.#acknowledgedHeight;
    copy.#serial = this.#serial;
    return copy;
  }

  /**
   * A start of the program: creates the channel if it is not there, checks everything found against the memory, then appends a group of
   * blocks of each given list of lengths and acknowledges it.
   * @throws ViolationError  and whatever the file system throws
   */
  async start(fileSystem: FileSystem, groups: readonly (readonly number[])[]): Promise<void> {
    const names = await listChannelFolders({ channelsDirectory: CHANNELS }, { fileSystem });
    if (!names.includes(NAME)) {
      if (this.#created) throw new ViolationError("The channel is gone.");
      await this.#create(fileSystem);
    }
    const directory = `${CHANNELS}/${NAME}`;
    const anchor = await refused(openAnchor({ directory, mustExist: true }, { fileSystem }));
    const anchored = anchor.current?.height ?? 0;
    if (anchored < this.#acknowledgedHeight) {
      throw new ViolationError(`The anchor has ${anchored}, acknowledged were ${this.#acknowledgedHeight}.`);
    }
    const store = await refused(this.#openStore(directory, anchored, fileSystem));
    await this.#check(store);
    // Recovered blocks count from now on.
    if (store.height > anchored) await this.#acknowledge(anchor, store.height);
    for (const lengths of groups) {
      await this.#append(store, lengths);
      await this.#acknowledge(anchor, store.height);
    }
    await this.#check(store);
    await store.close();
    await anchor.close();
  }

  async #create(fileSystem: FileSystem): Promise<void> {
    this.#blocks = [];
    await createChannelFolder({ channelsDirectory: CHANNELS, name: NAME }, { fileSystem }, async (directory) => {
      const anchor = await openAnchor({ directory }, { fileSystem });
      if (this.#options.firstBlock === 0) {
        const store = await this.#openStore(directory, 0, fileSystem);
        await this.#append(store, [64]);
        await anchor.write(store.height, "checkpoint of block 0");
        await store.close();
      } else {
        await anchor.write(this.#options.firstBlock, "checkpoint of the snapshot");
      }
      await anchor.close();
    });
    this.#created = true;
    this.#acknowledgedHeight = this.#options.firstBlock + this.#blocks.length;
  }

  #openStore(directory: string, acknowledgedHeight: number, fileSystem: FileSystem): Promise<BlockStore> {
    const { firstBlock, segmentBytesMax } = this.#options;
    const origin = `concordat/0123456789abcdef/${NAME}`;
    return openBlockStore({ directory, origin, acknowledgedHeight, firstBlock, segmentBytesMax }, { fileSystem });
  }

  async #append(store: BlockStore, lengths: readonly number[]): Promise<void> {
    const group = lengths.map((length) => uniqueBlock(++this.#serial, length));
    this.#blocks.push(...group);
    await store.append(group);
  }

  async #acknowledge(anchor: Anchor, height: number): Promise<void> {
    await anchor.write(height, `checkpoint of block ${height - 1}`.padEnd(400 + 150 * (height % 3), "."));
    this.#created = true;
    this.#acknowledgedHeight = height;
  }

  /** All blocks of the store are those that were given to it last, and all acknowledged ones are there. */
  async #check(store: BlockStore): Promise<void> {
    const { firstBlock } = this.#options;
    if (store.height < this.#acknowledgedHeight) throw new ViolationError(`Only ${store.height} blocks are left.`);
    let count = 0;
    for await (const { number, bytes } of store.blocks(firstBlock)) {
      const expected = this.#blocks[count++];
      if (expected === undefined || !equalBytes(expected, bytes)) {
        throw new ViolationError(`Block ${number} is not what was appended.`);
      }
    }
    const last = store.height - 1;
    if (count !== store.height - firstBlock) throw new ViolationError("Blocks are missing.");
    if (count > 0 && !equalBytes(await store.read(last), this.#blocks[count - 1] ?? new Uint8Array(0))) {
      throw new ViolationError(`Block ${last} reads differently.`);
    }
    this.#blocks.length = count;
  }
}

/** A refusal to open after a mere crash is a violation; errors of the file system itself are not. */
async function refused<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof Error && error.name === "StoreDamagedError") throw new ViolationError(error.message);
    throw error;
  }
}

/** Bytes that no other block has; without zeros, which stand for lost sectors. */
function uniqueBlock(serial: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = 1 + ((serial * 31 + index * 7 + (index >> 5)) % 255);
  return bytes;
}
