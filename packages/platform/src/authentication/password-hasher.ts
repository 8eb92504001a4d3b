import type { RandomSource } from "@concordat/base";
import { addressGroupOf } from "./address-group.ts";
import { HashQueue, type HashQueueOptions } from "./hash-queue.ts";
import { defaultPasswordCost, hashPassword, isPasswordOf, type PasswordCost, unmatchedHash } from "./password-hash.ts";

export interface PasswordHasherOptions {
  readonly passwordCost?: PasswordCost;
  readonly queue?: Partial<HashQueueOptions>;
}

/** All password hashing of a process: bounded, and the same work for users that do not exist. */
export class PasswordHasher {
  readonly #cost: PasswordCost;
  readonly #queue: HashQueue;
  readonly #unmatched: string;
  readonly #dependencies: { readonly random: RandomSource };

  constructor(options: PasswordHasherOptions, dependencies: { readonly random: RandomSource }) {
    this.#cost = options.passwordCost ?? defaultPasswordCost;
    this.#queue = new HashQueue(options.queue);
    this.#dependencies = dependencies;
    this.#unmatched = unmatchedHash(this.#cost, dependencies);
  }

  /** @throws PlatformError OVERLOADED */
  hash(password: string, sourceAddress: string | undefined): Promise<string> {
    return this.#queue.run(addressGroupOf(sourceAddress), () => hashPassword(password, this.#cost, this.#dependencies));
  }

  /**
   * Runs work that needs a hash computed, when its turn has come. What the work notes down is seen by those who waited behind it.
   * @throws PlatformError OVERLOADED
   */
  inTurn<Result>(
    sourceAddress: string | undefined,
    work: (isPassword: PasswordCheck) => Promise<Result>,
  ): Promise<Result> {
    const isPassword: PasswordCheck = (phc, password) => isPasswordOf(phc ?? this.#unmatched, password);
    return this.#queue.run(addressGroupOf(sourceAddress), () => work(isPassword));
  }
}

/** @param phc undefined when there is no user, or none with a password: then the answer is false, after the same work */
type PasswordCheck = (phc: string | undefined, password: string) => Promise<boolean>;
