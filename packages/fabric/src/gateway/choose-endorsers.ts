import type { ChannelConfig } from "@concordat/ledger/client";
import type { EndorsementPolicy, Member } from "@concordat/ledger/endorsement";
import type { RunningNode } from "../node/running-node.ts";
import { areSatisfied } from "./requirements.ts";

/** A peer that can be asked, and the member that its signature makes it. */
export interface Candidate {
  readonly node: RunningNode;
  readonly member: Member;
}

/** Up to here every set is looked at, 4,096 at most; beyond, candidates are left out one by one as long as the rest suffices. */
const EXHAUSTIVE_MAX = 12;

/**
 * The smallest set of candidates that satisfies all policies; among equally small ones the first in the candidates' order, so whoever is preferred
 * stands first. Undefined when not even all of them do.
 */
export function chooseEndorsers(
  candidates: readonly Candidate[],
  policies: readonly EndorsementPolicy[],
  config: ChannelConfig,
): readonly Candidate[] | undefined {
  const suffices = (chosen: readonly Candidate[]) =>
    chosen.length > 0 &&
    areSatisfied(
      policies,
      chosen.map(({ member }) => member),
      config,
    );
  if (!suffices(candidates)) return undefined;
  if (candidates.length > EXHAUSTIVE_MAX) return leaveOut(candidates, suffices);
  for (let size = 1; size < candidates.length; size++) {
    for (const chosen of combinations(candidates, size)) if (suffices(chosen)) return chosen;
  }
  return candidates;
}

function leaveOut(
  candidates: readonly Candidate[],
  suffices: (chosen: readonly Candidate[]) => boolean,
): readonly Candidate[] {
  let chosen = candidates;
  for (const candidate of candidates.toReversed()) {
    const fewer = chosen.filter((other) => other !== candidate);
    if (suffices(fewer)) chosen = fewer;
  }
  return chosen;
}

/** Sets of the given size, those with earlier items first. */
function* combinations<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (const [index, first] of items.entries()) {
    for (const rest of combinations(items.slice(index + 1), size - 1)) yield [first, ...rest];
  }
}
