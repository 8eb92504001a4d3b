import { type Clock, equalBytes } from "@concordat/base";
import type { StateKey } from "@concordat/ledger/client";
import {
  approvalFromText,
  approvalKey,
  type ContractDefinition,
  definitionFromText,
  definitionKey,
  LIFECYCLE_NAMESPACE,
} from "@concordat/ledger/endorsement";
import { getState, type OpenSimulation } from "./simulation.ts";

/** How old an answer about an approval may be. */
const STALE_MS = 1_000;
const CACHE_MAX = 4_096;

/** Committed definitions, each text parsed once. */
export class Definitions {
  readonly #known = new Map<
    string,
    { readonly text: Uint8Array; readonly definition: ContractDefinition | undefined }
  >();

  /** Reads within the simulation, so that a later change of the definition is a conflict. */
  async read(simulation: OpenSimulation, name: string): Promise<ContractDefinition | undefined> {
    const { namespace, key } = definitionPlace(name);
    const text = await getState(simulation, namespace, key);
    if (text === undefined || text.length === 0) return undefined;
    const known = this.#known.get(name);
    if (known !== undefined && equalBytes(known.text, text)) return known.definition;
    const definition = definitionFromText(text);
    if (this.#known.size >= CACHE_MAX) this.#known.clear();
    this.#known.set(name, { text, definition });
    return definition;
  }
}

/** Where a contract's definition stands. */
export function definitionPlace(name: string): StateKey {
  return { namespace: LIFECYCLE_NAMESPACE, key: definitionKey(name) };
}

/**
 * Which package each organization runs: its approval of the committed sequence. Read beside the simulation, never in it: the organizations' results
 * must be the same, and their approvals are not.
 */
export class Approvals {
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly packageId: string | undefined; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The package of this organization, "" when it approved without one, undefined when it has not approved. */
  async packageIdOf(simulation: OpenSimulation, mspId: string, name: string, sequence: number) {
    const id = JSON.stringify([simulation.channelId, mspId, name, sequence]);
    const known = this.#known.get(id);
    if (known !== undefined && known.untilMs > this.#clock.nowMs()) return known.packageId;
    const packageId = await readPackageId(simulation, approvalKey(mspId, name, sequence));
    if (this.#known.size >= CACHE_MAX) this.#known.clear();
    this.#known.set(id, { packageId, untilMs: this.#clock.nowMs() + STALE_MS });
    return packageId;
  }
}

async function readPackageId(simulation: OpenSimulation, key: string): Promise<string | undefined> {
  const place = { namespace: LIFECYCLE_NAMESPACE, key };
  const aside = await simulation.sibling([place]);
  try {
    const text = await getState(aside, place.namespace, place.key);
    return text === undefined ? undefined : approvalFromText(text)?.packageId;
  } finally {
    aside.abandon();
  }
}
