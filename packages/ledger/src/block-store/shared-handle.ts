import type { FileHandle } from "@concordat/base";

/** A file handle that is closed only when nobody reads through it any more. */
export class SharedHandle {
  readonly #handle: FileHandle;
  readonly #closed = Promise.withResolvers<void>();
  #users = 0;
  #retired = false;

  constructor(handle: FileHandle) {
    this.#handle = handle;
    // Whoever waits for `retire` hears of a failed close; a handle that nobody waits for must not end the process.
    this.#closed.promise.catch(() => undefined);
  }

  get idle(): boolean {
    return this.#users === 0;
  }

  async use<T>(work: (handle: FileHandle) => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work(this.#handle);
    } finally {
      this.#users--;
      this.#closeWhenUnused();
    }
  }

  /** Takes no new users by contract of the owner; resolves when the file is closed. */
  retire(): Promise<void> {
    if (!this.#retired) {
      this.#retired = true;
      this.#closeWhenUnused();
    }
    return this.#closed.promise;
  }

  #closeWhenUnused(): void {
    if (this.#retired && this.#users === 0) this.#handle.close().then(this.#closed.resolve, this.#closed.reject);
  }
}
