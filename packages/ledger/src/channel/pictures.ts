import type { Version } from "../state/ports.ts";

/** What a key held; undefined: it was absent. */
export type Found = { readonly value: Uint8Array; readonly version: Version } | undefined;

/** Memory that before-images of one channel may take; beyond it the oldest pictures are given up. */
const BYTES_MAX = 256 * 2 ** 20;
const ENTRY_BYTES = 100;

/** The durable state as it was after some block. Made by {@link Pictures} only. */
export interface Picture {
  /** Number of blocks whose effects it shows. */
  readonly height: number;
  /** It took too much memory: nothing can be read from it any more. */
  readonly isLost: boolean;
}

interface OpenPicture extends Picture {
  isLost: boolean;
  users: number;
  older: OpenPicture | undefined;
  newer: OpenPicture | undefined;
  /** By namespace and key: what a key held before its first write after this picture and before the next newer one. */
  readonly images: Map<string, Map<string, Found>>;
  bytes: number;
}

/**
 * Keeps what durable writes replace, for as long as somebody looks at the state before them. Each picture holds the images of the time up to
 * the next newer one, so that a write costs one look-up however many pictures are open, and none when there is none.
 *
 * Invariant: what a key held in a picture is its first image in that picture or a newer one, else what it holds now.
 */
export class Pictures {
  #newest: OpenPicture | undefined;
  #oldest: OpenPicture | undefined;
  #bytes = 0;
  readonly #bytesMax: number;

  constructor(options: { readonly bytesMax?: number } = {}) {
    this.#bytesMax = options.bytesMax ?? BYTES_MAX;
  }

  get areOpen(): boolean {
    return this.#newest !== undefined;
  }

  /** The state as it is, of that height. To be released as often as it was taken or shared. */
  take(height: number): Picture {
    const newest = this.#newest;
    if (newest?.height === height) {
      newest.users += 1;
      return newest;
    }
    const picture: OpenPicture = {
      height,
      isLost: false,
      users: 1,
      older: newest,
      newer: undefined,
      images: new Map(),
      bytes: 0,
    };
    if (newest === undefined) this.#oldest = picture;
    else newest.newer = picture;
    this.#newest = picture;
    return picture;
  }

  share(picture: Picture): Picture {
    asOpen(picture).users += 1;
    return picture;
  }

  release(picture: Picture): void {
    const open = asOpen(picture);
    open.users -= 1;
    if (open.users > 0 || open.isLost) return;
    const { older } = open;
    this.#unlink(open);
    if (older !== undefined) this.#inherit(older, open);
  }

  /** To be called before a write becomes durable. `before` answers what the key holds until then. */
  keep(namespace: string, key: string, before: () => Found): void {
    const newest = this.#newest;
    if (newest === undefined || newest.images.get(namespace)?.has(key) === true) return;
    this.#add(newest, namespace, key, before());
    while (this.#bytes > this.#bytesMax && this.#oldest !== undefined) {
      this.#oldest.isLost = true;
      this.#unlink(this.#oldest);
    }
  }

  /** What a key held, in a box; undefined: what it holds now. */
  image(picture: Picture, namespace: string, key: string): { readonly found: Found } | undefined {
    for (let at: OpenPicture | undefined = asOpen(picture); at !== undefined; at = at.newer) {
      const images = at.images.get(namespace);
      if (images?.has(key) === true) return { found: images.get(key) };
    }
    return undefined;
  }

  /** Every key of a namespace that was written since, with what it held. */
  images(picture: Picture, namespace: string): ReadonlyMap<string, Found> {
    const all = new Map<string, Found>();
    for (let at: OpenPicture | undefined = asOpen(picture); at !== undefined; at = at.newer) {
      for (const [key, found] of at.images.get(namespace) ?? []) if (!all.has(key)) all.set(key, found);
    }
    return all;
  }

  #add(picture: OpenPicture, namespace: string, key: string, found: Found): void {
    let images = picture.images.get(namespace);
    if (images === undefined) {
      images = new Map();
      picture.images.set(namespace, images);
    }
    // A copy: the value may be a piece of a whole block.
    images.set(key, found === undefined ? undefined : { value: new Uint8Array(found.value), version: found.version });
    const bytes = ENTRY_BYTES + 2 * key.length + (found?.value.length ?? 0);
    picture.bytes += bytes;
    this.#bytes += bytes;
  }

  /** The older picture's own images are from before: they stand. */
  #inherit(older: OpenPicture, ended: OpenPicture): void {
    for (const [namespace, images] of ended.images) {
      const own = older.images.get(namespace);
      for (const [key, found] of images) {
        if (own?.has(key) !== true) this.#add(older, namespace, key, found);
      }
    }
  }

  #unlink(picture: OpenPicture): void {
    this.#bytes -= picture.bytes;
    if (picture.older === undefined) this.#oldest = picture.newer;
    else picture.older.newer = picture.newer;
    if (picture.newer === undefined) this.#newest = picture.older;
    else picture.newer.older = picture.older;
  }
}

function asOpen(picture: Picture): OpenPicture {
  // Pictures are made here and nowhere else.
  return picture as OpenPicture;
}
