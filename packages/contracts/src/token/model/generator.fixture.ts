import { Chance } from "./chance.fixture.ts";
import type { ModelCall } from "./checks.fixture.ts";
import { moneyPlans, type Plan, type Scene } from "./drafts.fixture.ts";
import { administrator, crowd, type Draft, foundingDrafts, roleDrafts, tokenPlans } from "./founding.fixture.ts";
import { DAY_MS, dayOf } from "./movements.fixture.ts";
import { peoplePlans } from "./people-drafts.fixture.ts";
import { readPlans } from "./read-drafts.fixture.ts";
import { spoil } from "./spoilers.fixture.ts";
import { isPending, type ModelHold, type ModelState } from "./state.fixture.ts";

export interface Operation extends Draft, ModelCall {}

const plans: Readonly<Record<string, Plan>> = { ...moneyPlans, ...peoplePlans, ...readPlans };

/** How often each function is drafted; 1 where nothing is said. */
const likelihoods: Readonly<Record<string, number>> = {
  transferTokens: 16,
  bulkTransferTokens: 6,
  requestMint: 8,
  approveMint: 8,
  rejectMint: 2,
  requestBurn: 5,
  approveBurn: 3,
  rejectBurn: 2,
  holdTokens: 14,
  approveTransaction: 12,
  executeHoldTokens: 8,
  releaseHoldTokens: 5,
  suspendAccount: 1.2,
  activateAccount: 1.5,
  setMaxDailyAmount: 2,
  setMaxDailyTransactionCount: 2,
  removeRole: 1,
  removeOrgAuditor: 1.3,
  removeTokenAdmin: 2,
  addTokenAdmin: 1.4,
  deleteAccount: 4,
  associateTokenToAccount: 2.4,
  createAccount: 2,
  createAccountPolicyCheck: 1.5,
  updateAccountPolicyCheck: 1.3,
  addRole: 2.5,
  getApprovalTransactionsById: 0.4,
  getTransactionById: 0.4,
  getNetTokens: 0.4,
  init: 0.2,
  initializeStablecoinToken: 0.8,
  updateStablecoinToken: 0.6,
};

const weights = Object.fromEntries(Object.keys(plans).map((fn) => [fn, likelihoods[fn] ?? 1]));

/** What is drafted about an operation that ends now. */
const endings = {
  transfer: { executeHoldTokens: 3, approveTransaction: 1, releaseHoldTokens: 2 },
  mint: { approveMint: 2, rejectMint: 1 },
  burn: { approveBurn: 2, rejectBurn: 1 },
} as const;

/** Some hours before midnight. */
const START_MS = Date.UTC(2023, 10, 15, 20);

const SPOILED = 0.25;

export interface WorldOptions {
  /** It begins with as many approval policies as there may be. */
  readonly isCrowded?: boolean;
}

/** Operations of one world, one after the other, each chosen on the model's present state. */
export class Generator {
  readonly #chance: Chance;
  readonly #state: ModelState;
  readonly #founding: Draft[] = [...foundingDrafts()];
  #isPeopled = false;
  #ids = 0;
  #timeMs: number;
  #ending: ModelHold | undefined;

  constructor(seed: number, state: ModelState, { isCrowded = false }: WorldOptions = {}) {
    if (isCrowded) this.#founding.push(...crowd());
    this.#chance = new Chance(seed);
    this.#state = state;
    this.#timeMs = START_MS + this.#chance.below(4 * 3_600_000);
  }

  next(): Operation {
    this.#passTime();
    const timeMs = this.#timeMs;
    const nextId = () => `op${++this.#ids}`;
    const scene: Scene = { chance: this.#chance, state: this.#state, timeMs, ending: this.#ending, nextId };
    const founding = this.#nextFounding();
    if (founding !== undefined) return { ...founding, timeMs };
    const draft = this.#draft(scene);
    const isSpoiled = !(draft.fn in readPlans) && this.#chance.is(SPOILED);
    return { ...sparing(isSpoiled ? spoil(scene, draft) : draft), timeMs };
  }

  #draft(scene: Scene): Draft {
    for (;;) {
      const fn = this.#chance.weighted(scene.ending === undefined ? weights : endings[scene.ending.kind]);
      const planned = plans[fn]?.(scene);
      if (planned !== undefined) return { fn, ...planned };
    }
  }

  #nextFounding(): Draft | undefined {
    if (this.#founding.length === 0 && !this.#isPeopled) {
      this.#isPeopled = true;
      const perToken = this.#state.accounts.map(({ id }, index) => ({
        accountId: id,
        tokenId: tokenPlans[index % tokenPlans.length]?.token_id ?? "",
      }));
      const associations = perToken.map((args) => ({ fn: "associateTokenToAccount", caller: administrator, args }));
      this.#founding.push(...associations, ...roleDrafts());
    }
    return this.#founding.shift();
  }

  /** Never back; now and then exactly onto midnight, onto an expiry, or a millisecond beside it. */
  #passTime(): void {
    const now = this.#timeMs;
    this.#ending = undefined;
    if (this.#founding.length > 0) this.#timeMs += 1;
    else if (this.#chance.is(0.012)) this.#timeMs = dayOf(now) + DAY_MS + this.#chance.among(-1, 0, 1);
    else if (this.#chance.is(0.08)) this.#passToEnd();
    else this.#timeMs += this.#chance.among(0, 1, 999, 1000, 20_000, 90_000);
  }

  #passToEnd(): void {
    const ending = this.#chance.oneOf(
      [...this.#state.holds.values()].filter((hold) => isPending(hold) && (hold.expiresMs ?? 0) > this.#timeMs),
    );
    if (ending?.expiresMs === undefined) return;
    this.#ending = ending;
    this.#timeMs = ending.expiresMs + this.#chance.among(-1, 0, 0, 1);
  }
}

/** Only the administrator itself tries to remove the administrator: a world without admins would stand still. */
function sparing(draft: Draft): Draft {
  const { fn, args } = draft;
  const isRemoval =
    fn === "removeTokenAdmin" && args["orgId"] === administrator.org && args["userId"] === administrator.user;
  return isRemoval ? { ...draft, caller: administrator } : draft;
}
