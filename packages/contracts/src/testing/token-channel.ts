import { createHash } from "node:crypto";
import { ContractRefusal } from "@concordat/ledger/contract-api";
import { tokenContract } from "../token/contract.ts";
import { MemoryChannel } from "./memory-channel.ts";

export interface TokenUser {
  readonly orgId: string;
  readonly userId: string;
}

const at = (orgId: string) => (userId: string) => ({ orgId, userId });

export const root: TokenUser = at("HubMSP")("root");
export const notary: TokenUser = at("HubMSP")("notary");
export const manager: TokenUser = at("HubMSP")("manager");
export const creator: TokenUser = at("HubMSP")("creator");
export const alice: TokenUser = at("OneMSP")("alice");
export const bob: TokenUser = at("TwoMSP")("bob@two.example");
export const carol: TokenUser = at("TwoMSP")("carol");
/** Has nothing, and is nothing. */
export const stranger: TokenUser = at("TwoMSP")("stranger");

export const toBob = { toOrgId: bob.orgId, toUserId: bob.userId } as const;
export const byNotary = { notaryOrgId: notary.orgId, notaryUserId: notary.userId } as const;

/** A channel of the token contract in memory, with a clock and a row of transaction ids. */
export class TokenChannel {
  readonly channel: MemoryChannel = new MemoryChannel(tokenContract);
  timeMs: number = Date.UTC(2026, 2, 1, 12);
  #transactions = 0;

  get txId(): string {
    return createHash("sha256").update(`token transaction ${this.#transactions}`).digest("hex");
  }

  async submit(user: TokenUser, fn: string, args: object = {}): Promise<unknown> {
    this.#transactions++;
    return JSON.parse(await this.channel.submit(fn, [JSON.stringify(args)], this.#call(user)));
  }

  async read(user: TokenUser, fn: string, args: object = {}): Promise<unknown> {
    return JSON.parse(await this.channel.evaluate(fn, [JSON.stringify(args)], this.#call(user)));
  }

  /** The code of the refusal of a call, which leaves the state as it is; "done" when it is not refused. */
  async refusal(user: TokenUser, fn: string, args: object = {}): Promise<string> {
    return (await this.refused(user, fn, args)).code;
  }

  /** The same with the message. */
  async refused(user: TokenUser, fn: string, args: object = {}): Promise<{ code: string; message: string }> {
    const before = JSON.stringify(this.channel.dump());
    try {
      await this.submit(user, fn, args);
      return { code: "done", message: "" };
    } catch (error) {
      if (!(error instanceof ContractRefusal)) throw error;
      if (JSON.stringify(this.channel.dump()) !== before) throw new Error(`${fn} has changed the state.`);
      return { code: error.code, message: error.message };
    }
  }

  /** A member of an answer, which the test knows to be text. */
  async text(user: TokenUser, fn: string, args: object, member: string): Promise<string> {
    return String(Object(await this.submit(user, fn, args))[member]);
  }

  async createAccount(user: TokenUser, tokenId = "USD", dailyLimits: object = {}): Promise<string> {
    const args = { ...user, tokenType: "fungible", dailyLimits };
    const accountId = await this.text(root, "createAccount", args, "account_id");
    await this.submit(root, "associateTokenToAccount", { accountId, tokenId });
    return accountId;
  }

  addRole(user: TokenUser, role: string, tokenId = "USD"): Promise<unknown> {
    return this.submit(root, "addRole", { ...user, tokenId, role });
  }

  async mint(user: TokenUser, quantity: string, tokenId = "USD"): Promise<void> {
    const operationId = `mint-${this.#transactions}`;
    const args = { tokenId, operationId, ...byNotary, quantity, timeToExpiration: "0" };
    await this.submit(user, "requestMint", args);
    await this.submit(notary, "approveMint", { tokenId, operationId });
  }

  /** Balance, on hold, on hold to be burned. */
  async amounts(user: TokenUser, tokenId = "USD"): Promise<readonly number[]> {
    const read = async (fn: string, member: string) =>
      Number(Object(await this.read(user, fn, { ...user, tokenId }))[member]);
    return [
      await read("getAccountBalance", "user_balance"),
      await read("getAccountOnHoldBalance", "holding_balance"),
      await read("getAccountOnHoldBurnBalance", "onhold_burn_balance"),
    ];
  }

  #call({ orgId, userId }: TokenUser) {
    return { txId: this.txId, timeMs: this.timeMs, attributes: { "hf.EnrollmentID": userId }, mspId: orgId };
  }
}

/** With the token USD of two decimals, accounts of all users but the stranger, a notary, and 1000 USD of alice, who mints and burns. */
export async function openTokens(): Promise<TokenChannel> {
  const channel = new TokenChannel();
  await channel.submit(root, "init", { adminList: [{ org_id: root.orgId, user_id: root.userId }] });
  await channel.submit(root, "initializeStablecoinToken", { tokenAsset: { token_id: "USD", Currency_Name: "Dollar" } });
  for (const user of [notary, manager, creator, alice, bob, carol]) await channel.createAccount(user);
  await channel.addRole(notary, "notary");
  await channel.addRole(alice, "minter");
  await channel.addRole(alice, "burner");
  await channel.mint(alice, "1000");
  return channel;
}

export function band(lower: string, upper: string, ...approvers: readonly TokenUser[]): object {
  const approverDetails = approvers.map(({ orgId, userId }, index) => ({
    approverOrgId: orgId,
    approverUserId: userId,
    approvalSequence: index + 1,
  }));
  const limits = { transactionLowerLimit: lower, transactionUpperLimit: upper };
  return { asset: { ...limits, numberOfApprovalsRequired: approvers.length, approverDetails } };
}

export function policyOf(user: TokenUser, change: object = {}): object {
  const asset = { ...user, kycCompliance: "true", amlCompliance: true, riskScore: 10, restrictionFlag: "false" };
  return { asset: { ...asset, ...change } };
}
