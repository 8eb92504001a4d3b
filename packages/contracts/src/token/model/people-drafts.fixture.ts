import { likelyUnits } from "./amount-choice.fixture.ts";
import { adminOf, anyUser, chooseAccount, type Plan, type Scene, tokenAdmin } from "./drafts.fixture.ts";
import { administrator, bandAsset, bandPlans, ghost, personArgs, tokenPlans, users } from "./founding.fixture.ts";
import { toText } from "./money.fixture.ts";
import { type ModelAccount, nameOf, type Person } from "./state.fixture.ts";

const byTokenAdmin =
  (choose: (scene: Scene) => Person): Plan =>
  (scene) => ({ caller: tokenAdmin(scene), args: personArgs(choose(scene)) });

const byAdmin =
  (choose: (scene: Scene) => Person): Plan =>
  (scene) => {
    const who = choose(scene);
    return { caller: adminOf(scene, who.org), args: personArgs(who) };
  };

/** One of those in the list, mostly. */
const memberOf = (list: "tokenAdmins" | "tokenAuditors" | "orgAdmins" | "orgAuditors") => (scene: Scene) => {
  const members = users.filter((each) => scene.state[list].has(nameOf(each)));
  const spared = members.length > 1 ? members.filter((each) => each !== administrator) : members;
  return (scene.chance.is(0.9) ? scene.chance.oneOf(spared) : undefined) ?? anyUser(scene);
};

const init: Plan = () => {
  return { caller: administrator, args: { adminList: [{ org_id: administrator.org, user_id: administrator.user }] } };
};

const initializeStablecoinToken: Plan = (scene) => {
  const [plan] = tokenPlans;
  const token_id = scene.chance.is(0.6) ? `T${scene.nextId()}` : plan.token_id;
  const tokenAsset = { ...plan, token_id, decimal: scene.chance.among(0, 2, 8) };
  return { caller: tokenAdmin(scene), args: { tokenAsset } };
};

const updateStablecoinToken: Plan = (scene) => {
  const token_id = scene.chance.oneOf(tokenPlans)?.token_id;
  const tokenAsset = { token_id, token_desc: `since ${scene.timeMs}`, currencyName: "new", conversionRate: 3 };
  return { caller: tokenAdmin(scene), args: { tokenAsset } };
};

const createAccount: Plan = (scene) => {
  const who = anyUser(scene);
  const limits = { max_daily_amount: scene.chance.among("10000", "500", "0"), max_daily_transactions: 50 };
  const dailyLimits = scene.chance.is(0.5) ? { dailyLimits: limits } : {};
  return { caller: adminOf(scene, who.org), args: { ...personArgs(who), tokenType: "fungible", ...dailyLimits } };
};

const associateTokenToAccount: Plan = (scene) => {
  const isFree = ({ token }: ModelAccount) => token === undefined;
  const all = scene.state.accounts;
  const found = scene.chance.oneOf(scene.chance.is(0.88) ? all.filter(isFree) : all);
  const tokenIds = [...scene.state.tokens.keys()];
  const owned = all.flatMap(({ owner, token }) => (owner === found?.owner && token !== undefined ? token.id : []));
  const fresh = tokenIds.filter((id) => !owned.includes(id));
  const tokenId = (scene.chance.is(0.9) ? scene.chance.oneOf(fresh) : undefined) ?? scene.chance.oneOf(tokenIds);
  return {
    caller: adminOf(scene, found?.owner.org ?? ghost.org),
    args: { accountId: found?.id ?? "oaccount~none", tokenId: tokenId ?? "USD" },
  };
};

function named(found: ModelAccount | undefined) {
  return { tokenId: found?.token?.id ?? "USD", ...personArgs(found?.owner ?? ghost) };
}

/** On an account that meets the condition. */
const onAccount =
  (
    isWanted: (account: ModelAccount) => boolean,
    more: (scene: Scene, account: ModelAccount) => object = () => ({}),
  ): Plan =>
  (scene) => {
    const all = scene.state.accounts.filter(({ token }) => token !== undefined);
    const found = scene.chance.oneOf(all.filter(isWanted)) ?? scene.chance.oneOf(all);
    const caller = adminOf(scene, found?.owner.org ?? ghost.org);
    return { caller, args: { ...named(found), ...(found === undefined ? {} : more(scene, found)) } };
  };

const isAlive = ({ status }: ModelAccount) => status !== "deleted";

const deleteAccount: Plan = (scene) => {
  const isEmpty = ({ balance, onHold, onHoldBurn, status, token }: ModelAccount) =>
    // The founding tokens keep most of their accounts.
    balance + onHold + onHoldBurn === 0n && status !== "deleted" && token?.id.startsWith("T");
  const found = scene.chance.is(0.6)
    ? scene.state.accounts.find(isEmpty)
    : chooseAccount(scene, ({ balance }) => balance > 0n);
  if (found === undefined) return;
  return { caller: tokenAdmin(scene), args: named(found) };
};

const amountMax = (scene: Scene, { balance, token }: ModelAccount) => {
  const decimals = token?.decimals ?? 0;
  const unit = 10n ** BigInt(decimals);
  const units = scene.chance.is(0.4) ? 0n : likelyUnits(scene.chance, balance + 2_000n * unit);
  return { maxDailyAmount: toText(units, decimals) };
};

const setMaxDailyTransactionCount = onAccount(isAlive, ({ chance }) => ({
  maxDailyTransactions: chance.among(0, 0, 1, 2, 3, 5, 8),
}));

const roleNames = ["minter", "burner", "notary"] as const;

const changeRole = (isAdd: boolean) =>
  onAccount(
    (account) => isAlive(account) && (isAdd || account.roles.size > 0),
    ({ chance }, { roles }) => {
      const isHeld = chance.is(isAdd ? 0.3 : 0.75);
      const role = chance.oneOf(roleNames.filter((each) => roles.has(each) === isHeld));
      return { role: chance.is(0.04) ? "admin" : (role ?? "minter") };
    },
  );

const flag = ({ chance }: Scene, likelihood: number) => (chance.is(likelihood) ? "true" : "false");

const setPolicy =
  (isNew: boolean): Plan =>
  (scene) => {
    const fit = users.filter((each) => scene.state.policies.has(nameOf(each)) !== isNew);
    const who = (scene.chance.is(0.9) ? scene.chance.oneOf(fit) : undefined) ?? anyUser(scene);
    const checks = { kycCompliance: flag(scene, 0.8), amlCompliance: flag(scene, 0.9) };
    const asset = {
      ...personArgs(who),
      ...checks,
      riskScore: scene.chance.below(1001),
      restrictionFlag: flag(scene, 0.3),
    };
    return { caller: adminOf(scene, who.org), args: { asset } };
  };

const deleteAccountPolicyCheck: Plan = (scene) => {
  const fit = users.filter((each) => scene.state.policies.has(nameOf(each)));
  const who = scene.chance.oneOf(fit) ?? anyUser(scene);
  return { caller: adminOf(scene, who.org), args: { id: `APID~${who.org}~${who.user}` } };
};

const idOf = ([lower, upper]: readonly [string, string, number]) => `GPID~${lower}~${upper}`;

const setBand =
  (isNew: boolean): Plan =>
  (scene) => {
    const { chance, state } = scene;
    const fit = bandPlans.filter((plan) => state.bands.has(idOf(plan)) !== isNew);
    const plan = (chance.is(0.9) ? chance.oneOf(fit) : undefined) ?? chance.oneOf(bandPlans);
    if (plan === undefined) return;
    const asset = bandAsset(plan, users.slice(chance.below(4)));
    if (isNew && chance.is(0.25)) return { caller: tokenAdmin(scene), args: { asset: overlapping(asset) } };
    const id = isNew ? {} : { approvalPolicyId: idOf(plan) };
    return { caller: tokenAdmin(scene), args: { asset: { ...id, ...asset } } };
  };

const overlapping = (asset: object) => ({ ...asset, transactionLowerLimit: "99.5", transactionUpperLimit: "100.5" });

const deleteApprovalPolicyCheck: Plan = (scene) => {
  const id = scene.chance.is(0.9) ? scene.chance.oneOf([...scene.state.bands.keys()]) : undefined;
  return { caller: tokenAdmin(scene), args: { id: id ?? "GPID~7~8" } };
};

export const peoplePlans: Readonly<Record<string, Plan>> = {
  init,
  initializeStablecoinToken,
  updateStablecoinToken,
  addTokenAdmin: byTokenAdmin(anyUser),
  removeTokenAdmin: byTokenAdmin(memberOf("tokenAdmins")),
  addTokenAuditor: byTokenAdmin(anyUser),
  removeTokenAuditor: byTokenAdmin(memberOf("tokenAuditors")),
  addOrgAdmin: byAdmin(anyUser),
  removeOrgAdmin: byAdmin(memberOf("orgAdmins")),
  addOrgAuditor: byAdmin(anyUser),
  removeOrgAuditor: byAdmin(memberOf("orgAuditors")),
  createAccount,
  associateTokenToAccount,
  activateAccount: onAccount(({ status }) => status === "suspended"),
  suspendAccount: onAccount(({ status }) => status === "active"),
  deleteAccount,
  setMaxDailyAmount: onAccount(isAlive, amountMax),
  setMaxDailyTransactionCount,
  addRole: changeRole(true),
  removeRole: changeRole(false),
  createAccountPolicyCheck: setPolicy(true),
  updateAccountPolicyCheck: setPolicy(false),
  deleteAccountPolicyCheck,
  createApprovalPolicyCheck: setBand(true),
  updateApprovalPolicyCheck: setBand(false),
  deleteApprovalPolicyCheck,
};
