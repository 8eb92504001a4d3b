import { FabricError } from "../errors.ts";

/** Numbers that systemd's list of ranges leaves unused: above users and home folders, below dynamic services. */
const FIRST_USER_ID = 60_600;
const USER_IDS_COUNT = 500;

/** A user number for each confined process, so that no two can signal or trace each other. */
export class UserIds {
  readonly #taken = new Map<string, { readonly userId: number; uses: number }>();

  /** @throws FabricError SANDBOX_UNAVAILABLE when more processes run than there are numbers */
  take(owner: string): number {
    const held = this.#taken.get(owner);
    if (held !== undefined) {
      held.uses++;
      return held.userId;
    }
    const used = new Set([...this.#taken.values()].map(({ userId }) => userId));
    for (let userId = FIRST_USER_ID; userId < FIRST_USER_ID + USER_IDS_COUNT; userId++) {
      if (used.has(userId)) continue;
      this.#taken.set(owner, { userId, uses: 1 });
      return userId;
    }
    throw new FabricError("SANDBOX_UNAVAILABLE", `More than ${USER_IDS_COUNT} confined processes run.`, {
      remedy: "Stop contracts that nobody calls.",
    });
  }

  giveBack(owner: string): void {
    const held = this.#taken.get(owner);
    if (held === undefined) return;
    held.uses--;
    if (held.uses === 0) this.#taken.delete(owner);
  }
}
