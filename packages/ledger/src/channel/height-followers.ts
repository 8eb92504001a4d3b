interface Follower {
  readonly height: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Those who wait for a channel's blocks. */
export class HeightFollowers {
  #waiting: Follower[] = [];

  /** Settles at the first {@link wake} that tells of this height; rejects at one that tells why it will never come. */
  waitFor(height: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ height, resolve, reject }));
  }

  /** @param refusal there will be no more blocks, and why */
  wake(height: number, refusal: Error | undefined): void {
    if (this.#waiting.length === 0) return;
    const ready = this.#waiting.filter((follower) => refusal !== undefined || height >= follower.height);
    this.#waiting = this.#waiting.filter((follower) => !ready.includes(follower));
    for (const follower of ready) {
      if (height >= follower.height) follower.resolve();
      else follower.reject(refusal);
    }
  }
}
