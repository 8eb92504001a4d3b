import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { ServerGone } from "./crash-client.ts";

/** One stream of changes, and what is to be true after the server that they went to was killed and is there again. */
export interface CrashPart {
  /** One change after the other, until the server is gone. @throws ServerGone */
  write(): Promise<void>;
  /** Compares what is there with what was answered, and learns what became of the change that was not. */
  check(): Promise<void>;
  /** Once more everything of all rounds, where `check` looks at the last one alone. */
  checkAll(): Promise<void>;
}

/** Repeats until the server is gone. */
export async function untilGone(change: () => Promise<void>): Promise<void> {
  try {
    for (;;) await change();
  } catch (error) {
    if (!(error instanceof ServerGone)) throw error;
  }
}

/** Something of which the answers tell one state; two, when its last change had no answer. */
export class Tracked<State> {
  #possible: readonly State[];

  constructor(state: State) {
    this.#possible = [state];
  }

  /** The last of its possible states: what it is when all was answered. */
  get state(): State {
    const [state] = this.#possible.slice(-1);
    // There is always one.
    return state as State;
  }

  get isOpen(): boolean {
    return this.#possible.length > 1;
  }

  async change<Result>(next: State, call: () => Promise<Result>): Promise<Result> {
    this.#possible = [...this.#possible, next];
    const result = await call();
    this.#possible = [next];
    return result;
  }

  /**
   * @param actual as it is found after the restart: exactly one of the possible states
   * @returns whether the change that had no answer was done; undefined when all had one
   */
  settle(actual: State, what: string): boolean | undefined {
    expect(this.#possible, what).toContainEqual(actual);
    const isDone = this.isOpen ? isDeepStrictEqual(actual, this.state) : undefined;
    this.#possible = [actual];
    return isDone;
  }
}

export interface Thing<State> {
  /** Undefined while its creation had no answer. */
  id: string | undefined;
  /** Undefined for one that is not there. */
  readonly tracked: Tracked<State | undefined>;
}

/** Things that the server makes and lists. Each is created with a state that no other has, so that one without an answer is known again. */
export class TrackedList<State> {
  #things: Thing<State>[] = [];

  get things(): readonly Thing<State>[] {
    return this.#things;
  }

  async create(state: State, call: () => Promise<string>): Promise<Thing<State>> {
    const thing: Thing<State> = { id: undefined, tracked: new Tracked<State | undefined>(undefined) };
    this.#things.push(thing);
    await thing.tracked.change(state, async () => {
      thing.id = await call();
    });
    return thing;
  }

  /**
   * @param rows the whole list after the restart
   * @returns of each thing whether its change that had no answer was done
   */
  settle(rows: readonly (readonly [id: string, state: State])[], what: string): readonly (boolean | undefined)[] {
    const found = new Map(rows);
    expect(found.size, `${what}: ids are listed once`).toBe(rows.length);
    for (const [id, state] of found) {
      const isNew = (thing: Thing<State>) => thing.id === undefined && isDeepStrictEqual(thing.tracked.state, state);
      const thing = this.#things.find((each) => each.id === id) ?? this.#things.find(isNew);
      expect(thing, `${what}: nobody made ${id}, ${JSON.stringify(state)}`).toBeDefined();
      if (thing !== undefined) thing.id = id;
    }
    const fates = this.#things.map(({ id, tracked }) =>
      tracked.settle(id === undefined ? undefined : found.get(id), `${what} ${id}`),
    );
    this.#things = this.#things.filter(({ id }) => id !== undefined);
    return fates;
  }
}
