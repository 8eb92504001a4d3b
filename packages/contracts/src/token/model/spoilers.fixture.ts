import type { Arguments } from "./checks.fixture.ts";
import { anyUser, type Scene } from "./drafts.fixture.ts";
import { type Draft, ghost } from "./founding.fixture.ts";

type Spoil = (scene: Scene, value: unknown) => unknown;

const someone: Spoil = (scene) => (scene.chance.is(0.5) ? ghost.user : anyUser(scene).user);
const at =
  (...offsetsMs: readonly number[]): Spoil =>
  ({ chance, timeMs }) => {
    return chance.is(0.2) ? "tomorrow" : new Date(timeMs + (chance.oneOf(offsetsMs) ?? 0)).toISOString();
  };

/** More decimals than any token has. */
const tooFine = (value: unknown) => `${String(value).split(".")[0]}.123456789`;

/** Other values for the members that an argument may have. */
const spoilers: Readonly<Record<string, Spoil>> = {
  tokenId: ({ chance, state }) => chance.among<unknown>("NONE", chance.oneOf([...state.tokens.keys()]), "no id!", 7),
  orgId: (scene) => anyUser(scene).org,
  userId: someone,
  toUserId: someone,
  notaryUserId: someone,
  operationId: ({ chance, state }) =>
    chance.oneOf([...state.holds.values()].map(({ operationId }) => operationId)) ?? "never",
  quantity: ({ chance }, value) =>
    chance.among<unknown>(
      "0",
      "-1",
      tooFine(value),
      tooFine(value),
      tooFine(value),
      "1000000000000000000",
      "ten",
      5,
      "1e3",
      " 1",
    ),
  maxDailyAmount: ({ chance }) => chance.among("0.123456789", "99999999999999999", "many"),
  maxDailyTransactions: ({ chance }) => chance.among<unknown>("3", -1, 1.5),
  timeToExpiration: at(-86_400_000, -1, 0, 1),
  role: ({ chance }) => chance.among("king", "admin", "minter", "notary"),
  accountId: ({ chance, state }) => chance.oneOf(state.accounts)?.id ?? "oaccount~none",
  id: ({ chance }) => chance.among("APID~HubMSP~ghost", "GPID~1~2", "id"),
  flow: (scene, value) => spoilFlow(scene, value),
};

function spoilFlow(scene: Scene, value: unknown): unknown {
  const parts: readonly Arguments[] = Array.isArray(value) ? value : [];
  if (scene.chance.is(0.2)) return [];
  const member = scene.chance.among("quantity", "to_user_id");
  const index = scene.chance.below(parts.length);
  return parts.map((part, each) => {
    if (each !== index) return part;
    const spoil = member === "quantity" ? spoilers["quantity"] : someone;
    return { ...part, [member]: spoil?.(scene, part[member]) };
  });
}

/** The draft with one thing changed, which mostly makes it one that is refused. */
export function spoil(scene: Scene, draft: Draft): Draft {
  const { chance } = scene;
  const names = Object.keys(draft.args);
  if (names.length === 0 || chance.is(0.3)) return { ...draft, caller: chance.is(0.8) ? anyUser(scene) : ghost };
  const name = chance.oneOf(names) ?? "";
  const other = spoilers[name];
  if (other !== undefined && chance.is(0.92)) {
    return { ...draft, args: { ...draft.args, [name]: other(scene, draft.args[name]) } };
  }
  const { [name]: _, ...rest } = draft.args;
  return { ...draft, args: rest };
}
