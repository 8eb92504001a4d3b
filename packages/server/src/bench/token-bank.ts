import { systemClock, systemRandom } from "@concordat/base";
import { tokenContract, tokenLimits } from "@concordat/contracts";
import { issuePrincipalCertificate } from "@concordat/identity";
import type { Creator, Ledger, SubmitResult } from "@concordat/ledger";
import { BENCH_CHANNEL, BENCH_PRINCIPAL, type BenchIdentity } from "./bench-ledger.ts";

/** Accounts of one token, numbered from 0, each with an owner of its own and enough for any run. */
export interface TokenBank {
  readonly accounts: number;
  /** Moves the smallest amount. */
  transfer(from: number, to: number): Promise<SubmitResult>;
  /** In token units. */
  balance(account: number): Promise<number>;
}

interface Owner {
  readonly uid: string;
  readonly creator: Creator;
}

const MINTED = "9000000000000";
const GRANT = "1000000";
const usd = { tokenId: "USD" };

/** On a channel that has the token contract and nothing in it yet. @param accounts at least two */
export async function openTokenBank(ledger: Ledger, identity: BenchIdentity, accounts: number): Promise<TokenBank> {
  const { mspId: orgId } = identity.creator;
  const owners = await Promise.all(Array.from({ length: accounts }, (_, index) => createOwner(identity, index)));
  const ownerOf = (account: number): Owner => {
    const owner = owners[account];
    if (owner === undefined) throw new RangeError(`There is no account ${account}.`);
    return owner;
  };
  const callOf = (creator: Creator, fn: string, argument: object) => {
    const args = [JSON.stringify(argument)];
    return { channelId: BENCH_CHANNEL, contract: tokenContract.name, creator, fn, args };
  };
  const call = (creator: Creator, fn: string, argument: object) => ledger.submit(callOf(creator, fn, argument));
  const asAdmin = (fn: string, argument: object) => call(identity.creator, fn, argument);

  const [bank, notary] = [ownerOf(0), ownerOf(1)];
  await asAdmin("init", { adminList: [{ org_id: orgId, user_id: BENCH_PRINCIPAL }] });
  const tokenAsset = { token_id: usd.tokenId, token_desc: "Bench", currencyName: "US dollar", conversionRate: 1 };
  await asAdmin("initializeStablecoinToken", { tokenAsset });
  await Promise.all(
    owners.map(async ({ uid }) => {
      const { result } = await asAdmin("createAccount", { orgId, userId: uid, tokenType: "fungible" });
      const { account_id: accountId } = JSON.parse(Buffer.from(result).toString());
      await asAdmin("associateTokenToAccount", { ...usd, accountId });
    }),
  );
  await asAdmin("addRole", { ...usd, orgId, userId: bank.uid, role: "minter" });
  await asAdmin("addRole", { ...usd, orgId, userId: notary.uid, role: "notary" });
  const minting = { ...usd, operationId: "mint" };
  const byNotary = { notaryOrgId: orgId, notaryUserId: notary.uid };
  await call(bank.creator, "requestMint", { ...minting, ...byNotary, quantity: MINTED, timeToExpiration: "0" });
  await call(notary.creator, "approveMint", minting);
  const flow = owners.slice(1).map(({ uid }) => ({ to_org_id: orgId, to_user_id: uid, quantity: GRANT }));
  for (let from = 0; from < flow.length; from += tokenLimits.flowMax) {
    await call(bank.creator, "bulkTransferTokens", { ...usd, flow: flow.slice(from, from + tokenLimits.flowMax) });
  }
  return {
    accounts,
    transfer(from, to) {
      const argument = { ...usd, toOrgId: orgId, toUserId: ownerOf(to).uid, quantity: "0.01" };
      return call(ownerOf(from).creator, "transferTokens", argument);
    },
    async balance(account) {
      const argument = { ...usd, orgId, userId: ownerOf(account).uid };
      const answer = await ledger.evaluate(callOf(identity.creator, "getAccountBalance", argument));
      return JSON.parse(Buffer.from(answer).toString()).user_balance;
    },
  };
}

async function createOwner({ organization, creator }: BenchIdentity, index: number): Promise<Owner> {
  const { identity, privateKeys } = organization;
  const ca = { certificatePem: identity.caCertificatePem, privateKeyDer: privateKeys.ca };
  const uid = String(2_000_000_000_000_000 + index);
  const principal = { uid, attributes: { tenant: uid, principal: uid } };
  const dependencies = { clock: systemClock, random: systemRandom };
  const { certificatePem } = await issuePrincipalCertificate(ca, principal, dependencies);
  return { uid, creator: { mspId: creator.mspId, certificatePem } };
}
