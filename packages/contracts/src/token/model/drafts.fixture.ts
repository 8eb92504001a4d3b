import { bandText, likelyUnits, transferText } from "./amount-choice.fixture.ts";
import type { Chance } from "./chance.fixture.ts";
import type { Arguments } from "./checks.fixture.ts";
import { administrator, type Draft, ghost, users } from "./founding.fixture.ts";
import { AMOUNT_MAX, toText } from "./money.fixture.ts";
import {
  isPending,
  type ModelAccount,
  type ModelHold,
  type ModelState,
  nameOf,
  type Person,
  type Role,
} from "./state.fixture.ts";

/** What the drafts are chosen from. */
export interface Scene {
  readonly chance: Chance;
  readonly state: ModelState;
  readonly timeMs: number;
  /** Whose end is now, give or take a millisecond. */
  readonly ending: ModelHold | undefined;
  /** New in the world. */
  readonly nextId: () => string;
}

/** undefined: there is nothing now that such a call could be about. */
export type Plan = (scene: Scene) => Omit<Draft, "fn"> | undefined;

export const anyUser = ({ chance }: Scene): Person => chance.oneOf(users) ?? ghost;

/** An admin who may act in the organization. */
export function adminOf({ chance, state }: Scene, org: string): Person {
  const admins = users.filter((each) => each.org === org && state.orgAdmins.has(nameOf(each)));
  return chance.is(0.6) ? administrator : (chance.oneOf(admins) ?? administrator);
}

export const tokenAdmin = ({ chance, state }: Scene): Person => {
  return chance.is(0.8)
    ? administrator
    : (chance.oneOf(users.filter((each) => state.tokenAdmins.has(nameOf(each)))) ?? administrator);
};

/** Mostly the active accounts only. */
function usable({ chance, state }: Scene): readonly ModelAccount[] {
  const isAny = chance.is(0.08);
  return state.accounts.filter(({ token, status }) => token !== undefined && (isAny || status === "active"));
}

/** An account that meets the condition, or any account where there is none. */
export function chooseAccount(scene: Scene, isWanted: (account: ModelAccount) => boolean): ModelAccount | undefined {
  const all = usable(scene);
  return scene.chance.oneOf(all.filter(isWanted)) ?? scene.chance.oneOf(all);
}

function other(scene: Scene, of: readonly (ModelAccount | undefined)[], isWanted = (_: ModelAccount) => true) {
  return chooseAccount(scene, (each) => each.token === of[0]?.token && !of.includes(each) && isWanted(each));
}

const isNotary = ({ roles }: ModelAccount) => roles.has("notary");
const to = (one: ModelAccount | undefined) => ({
  toOrgId: one?.owner.org ?? ghost.org,
  toUserId: one?.owner.user ?? ghost.user,
});
const notaryArgs = (one: ModelAccount | undefined) => ({
  notaryOrgId: one?.owner.org ?? ghost.org,
  notaryUserId: one?.owner.user ?? ghost.user,
});
const infoDetails = { category: "trade", description: "as agreed" };

/** When it ends: never, in a while, soon, or in the very next milliseconds. */
function expiration({ chance, timeMs }: Scene): string {
  if (chance.is(0.3)) return "0";
  return new Date(timeMs + chance.among(1, 2, 60_000, 600_000, 7_200_000, 86_400_000, 259_200_000)).toISOString();
}

const transferTokens: Plan = (scene) => {
  const payer = chooseAccount(scene, ({ balance }) => balance > 0n);
  const payee = other(scene, [payer]);
  const quantity = payer === undefined ? "1" : transferText(scene.chance, scene.state, payer, scene.timeMs);
  const args = { tokenId: payer?.token?.id ?? "USD", ...to(payee), quantity, infoDetails };
  return { caller: payer?.owner ?? ghost, args };
};

const bulkTransferTokens: Plan = (scene) => {
  const { chance } = scene;
  const payer = chooseAccount(scene, ({ balance }) => balance > 0n);
  const decimals = payer?.token?.decimals ?? 0;
  const flow = Array.from({ length: 1 + chance.below(4) }, () => {
    const { owner } = other(scene, [payer]) ?? { owner: ghost };
    const units = likelyUnits(chance, (payer?.balance ?? 0n) / 4n);
    return { to_org_id: owner.org, to_user_id: owner.user, quantity: toText(units, decimals) };
  });
  return { caller: payer?.owner ?? ghost, args: { tokenId: payer?.token?.id ?? "USD", flow } };
};

const request =
  (role: Role): Plan =>
  (scene) => {
    const { chance } = scene;
    const payer = chooseAccount(scene, ({ roles, balance }) => roles.has(role) && (role === "minter" || balance > 0n));
    const decimals = payer?.token?.decimals ?? 0;
    const units = role === "burner" ? likelyUnits(chance, payer?.balance ?? 0n) : mintUnits(chance, payer);
    const args = {
      tokenId: payer?.token?.id ?? "USD",
      operationId: scene.nextId(),
      ...notaryArgs(other(scene, [payer], isNotary)),
      quantity: toText(units, decimals),
      timeToExpiration: expiration(scene),
      infoDetails,
    };
    return { caller: payer?.owner ?? ghost, args };
  };

/** Mostly some thousands of the token, now and then exactly what may still be minted, or one unit more. */
function mintUnits(chance: Chance, payer: ModelAccount | undefined): bigint {
  const token = payer?.token;
  if (token === undefined) return 1n;
  const isLimited = token.mintMax > 0n;
  if (chance.is(isLimited ? 0.1 : 0.03))
    return (isLimited ? token.mintMax : AMOUNT_MAX) - token.minted + chance.among(0n, 1n, 1n);
  return likelyUnits(chance, isLimited ? token.mintMax / 2n : 200_000n * 10n ** BigInt(token.decimals));
}

/** As for a transfer, or an amount that takes approvals. */
function holdText({ chance, state, timeMs }: Scene, payer: ModelAccount): string {
  const band = chance.is(0.35)
    ? chance.oneOf([...state.bands.values()].filter(({ approvers }) => approvers.length > 1))
    : undefined;
  return band === undefined ? transferText(chance, state, payer, timeMs) : bandText(chance, band, payer);
}

const holdTokens: Plan = (scene) => {
  const payer = chooseAccount(scene, ({ balance }) => balance > 0n);
  const payee = other(scene, [payer]);
  const notary = other(scene, [payer, payee], isNotary);
  const args = {
    tokenId: payer?.token?.id ?? "USD",
    operationId: scene.nextId(),
    ...to(payee),
    ...notaryArgs(notary),
    quantity: payer === undefined ? "1" : holdText(scene, payer),
    timeToExpiration: expiration(scene),
    infoDetails,
  };
  return { caller: payer?.owner ?? ghost, args };
};

/** Mostly one that is pending and, unless its end is what is wanted, not over yet. */
function pending(scene: Scene, isWanted: (hold: ModelHold) => boolean, overToo = 0.1): ModelHold | undefined {
  const { chance, state, timeMs, ending } = scene;
  if (ending !== undefined && isWanted(ending)) return ending;
  const all = [...state.holds.values()].filter(isWanted);
  const waiting = chance.is(0.9) ? all.filter(isPending) : all;
  const open = waiting.filter(({ expiresMs }) => expiresMs === undefined || expiresMs > timeMs);
  return chance.oneOf(chance.is(overToo) ? waiting : open);
}

function about({ token, operationId }: ModelHold, caller: Person, more: Arguments = {}) {
  return { caller, args: { tokenId: token.id, operationId, ...more } };
}

const answer =
  (kind: "mint" | "burn", isReject: boolean): Plan =>
  (scene) => {
    const found = pending(scene, (each) => each.kind === kind, isReject ? 0.6 : 0.1);
    if (found === undefined) return;
    return about(found, (isReject && scene.chance.is(0.25) ? found.payer : found.notary).owner);
  };

const isTransfer = ({ kind }: ModelHold) => kind === "transfer";
const awaits = ({ approvers, approved }: ModelHold) => approved.length < approvers.length;

const approveTransaction: Plan = (scene) => {
  const found = pending(scene, (each) => (scene.chance.is(0.1) ? each.approvers.length > 0 : awaits(each)));
  if (found === undefined) return;
  const next = scene.chance.is(0.6) ? found.approvers[found.approved.length] : undefined;
  const caller = next ?? scene.chance.oneOf(found.approvers) ?? ghost;
  const { operationId } = found;
  return scene.chance.is(0.2) ? { caller, args: { operationId } } : about(found, caller);
};

const executeHoldTokens: Plan = (scene) => {
  const { chance } = scene;
  const found = pending(scene, (each) => isTransfer(each) && (chance.is(0.2) || !awaits(each)));
  if (found === undefined) return;
  const whole = found.amount;
  const units = chance.among(whole, whole, whole / 2n, whole / 3n, whole - 1n, whole + (chance.is(0.5) ? 1n : 0n));
  return about(found, found.notary.owner, { quantity: toText(units, found.token.decimals) });
};

const releaseHoldTokens: Plan = (scene) => {
  const found = pending(scene, isTransfer, 0.6);
  if (found === undefined) return;
  const { notary, payer, payee } = found;
  return about(found, scene.chance.among(notary, notary, payer, payee).owner);
};

export const moneyPlans: Readonly<Record<string, Plan>> = {
  transferTokens,
  bulkTransferTokens,
  requestMint: request("minter"),
  approveMint: answer("mint", false),
  rejectMint: answer("mint", true),
  requestBurn: request("burner"),
  approveBurn: answer("burn", false),
  rejectBurn: answer("burn", true),
  holdTokens,
  approveTransaction,
  executeHoldTokens,
  releaseHoldTokens,
};
