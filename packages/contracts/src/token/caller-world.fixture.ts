import { createHash } from "node:crypto";
import { MemoryChannel } from "../testing/memory-channel.ts";
import { tokenContract } from "./contract.ts";

export interface Person {
  readonly orgId: string;
  readonly userId: string;
}

/** A function's argument, before it is made JSON. */
export type Arguments = object;

const of = (orgId: string, userId: string): Person => ({ orgId, userId });

/** One of each kind of caller; the owner's account is the one that calls are about. */
export const callers = {
  "token admin": of("HubMSP", "root"),
  "token auditor": of("HubMSP", "auditor"),
  "org admin": of("HomeMSP", "chief"),
  "org auditor": of("HomeMSP", "reviewer"),
  "org admin elsewhere": of("AwayMSP", "chief"),
  "org auditor elsewhere": of("AwayMSP", "reviewer"),
  owner: of("HomeMSP", "owner"),
  notary: of("HubMSP", "notary"),
  approver: of("HubMSP", "approver"),
  stranger: of("HomeMSP", "stranger"),
} as const;

export type CallerKind = keyof typeof callers;

const START_MS = Date.UTC(2026, 2, 1, 12);
/** When operations that expire do so. */
export const expiry = "2026-03-02T12:00:00Z";
export const beforeExpiryMs = Date.parse(expiry) - 1;
export const afterExpiryMs = Date.parse(expiry);

/** A channel of the token contract, with what the calls of the matrix are about. */
export class CallerWorld {
  readonly channel = new MemoryChannel(tokenContract);
  /** What the ledger has named: accounts, a transaction, an approval. */
  readonly ids = { owner: "", idle: "", transaction: "", approval: "" };
  #transactions = 0;
  #timeMs = START_MS;

  static async open(): Promise<CallerWorld> {
    const world = new CallerWorld();
    await world.#people();
    await world.#accounts();
    await world.#policies();
    await world.#mint();
    await world.#operations();
    // The calls that are tried are a transaction of their own.
    world.#transactions++;
    return world;
  }

  /** A call that must succeed; its answer. */
  async run(caller: Person, fn: string, args: Arguments = {}): Promise<Readonly<Record<string, unknown>>> {
    this.#timeMs += 1_000;
    this.#transactions++;
    const answer = await this.channel.submit(fn, [JSON.stringify(args)], this.call(caller));
    // What each function answers is another test's matter.
    return JSON.parse(answer) as Readonly<Record<string, unknown>>;
  }

  call(caller: Person, timeMs = this.#timeMs) {
    const attributes = { "hf.EnrollmentID": caller.userId };
    return { txId: this.txId, timeMs, attributes, mspId: caller.orgId };
  }

  /** Of the last call that has run. */
  get txId(): string {
    return createHash("sha256").update(`transaction ${this.#transactions}`).digest("hex");
  }

  async #people(): Promise<void> {
    const root = callers["token admin"];
    await this.run(root, "init", { adminList: [{ org_id: root.orgId, user_id: root.userId }] });
    await this.run(root, "initializeStablecoinToken", { tokenAsset: { ...tokenAsset, token_id: "USD" } });
    await this.run(root, "addTokenAdmin", { ...persons.leaving });
    await this.run(root, "addTokenAuditor", { ...callers["token auditor"] });
    await this.run(root, "addTokenAuditor", { ...persons.leaving });
    for (const admin of [callers["org admin"], callers["org admin elsewhere"], persons.deputy]) {
      await this.run(root, "addOrgAdmin", { ...admin });
    }
    for (const auditor of [callers["org auditor"], callers["org auditor elsewhere"], persons.deputy]) {
      await this.run(root, "addOrgAuditor", { ...auditor });
    }
  }

  async #accounts(): Promise<void> {
    const root = callers["token admin"];
    const { owner, notary, approver } = callers;
    for (const person of [owner, notary, approver, persons.secondNotary, persons.payee, persons.empty]) {
      const accountId = await this.#createAccount(person);
      await this.run(root, "associateTokenToAccount", { accountId, tokenId: "USD" });
      if (person === owner) this.ids.owner = accountId;
    }
    this.ids.idle = await this.#createAccount(persons.idle);
    for (const role of ["minter", "burner"]) await this.run(root, "addRole", { tokenId: "USD", role, ...owner });
    for (const person of [notary, persons.secondNotary]) {
      await this.run(root, "addRole", { tokenId: "USD", role: "notary", ...person });
    }
  }

  async #createAccount(owner: Person): Promise<string> {
    const account = await this.run(callers["token admin"], "createAccount", { ...owner, tokenType: "fungible" });
    return String(account["account_id"]);
  }

  async #policies(): Promise<void> {
    const root = callers["token admin"];
    await this.run(root, "createAccountPolicyCheck", { asset: { ...accountPolicy, ...callers.owner } });
    await this.run(root, "createApprovalPolicyCheck", { asset: band("0", "100", []) });
    await this.run(root, "createApprovalPolicyCheck", { asset: band("100", "500", [callers.approver]) });
    await this.run(root, "createApprovalPolicyCheck", { asset: band("500", "1000", []) });
  }

  /** Gives something to everybody who has an account and calls. */
  async #mint(): Promise<void> {
    const { owner, notary, approver } = callers;
    const minted = { tokenId: "USD", operationId: "minted" };
    await this.run(owner, "requestMint", { ...request("5000"), ...minted });
    await this.run(notary, "approveMint", minted);
    for (const { orgId: toOrgId, userId: toUserId } of [notary, approver]) {
      await this.run(owner, "transferTokens", { tokenId: "USD", toOrgId, toUserId, quantity: "10" });
    }
  }

  async #operations(): Promise<void> {
    const { owner, approver } = callers;
    for (const [suffix, timeToExpiration] of [
      ["", "0"],
      ["-expiring", expiry],
    ] as const) {
      const operation = (name: string) => ({ tokenId: "USD", operationId: `${name}${suffix}`, timeToExpiration });
      await this.run(owner, "requestMint", { ...request("7"), ...operation("mint") });
      await this.run(owner, "requestBurn", { ...request("8"), ...operation("burn") });
      await this.run(owner, "holdTokens", { ...request("9"), ...toPayee, ...operation("hold") });
    }
    for (const operationId of ["waiting", "approved"]) {
      const hold = { ...request("200"), ...toPayee, tokenId: "USD", operationId };
      await this.run(owner, "holdTokens", hold);
      this.ids.transaction = `otransaction~${this.txId}`;
    }
    const approval = await this.run(approver, "approveTransaction", { tokenId: "USD", operationId: "approved" });
    this.ids.approval = String(approval["approvalTransactionId"]);
  }
}

/** Persons that calls are about, other than the callers. */
export const persons = {
  /** Has an account, with nothing in it. */
  empty: of("HomeMSP", "empty"),
  /** Has an account without a token. */
  idle: of("HomeMSP", "idle"),
  /** Is not known yet. */
  newcomer: of("HomeMSP", "newcomer"),
  /** Org admin and org auditor. */
  deputy: of("HomeMSP", "deputy"),
  /** Token admin and token auditor. */
  leaving: of("HubMSP", "leaving"),
  payee: of("HubMSP", "payee"),
  /** So that the notary of the matrix can be party to a new operation. */
  secondNotary: of("HubMSP", "notary2"),
} as const;

export const tokenAsset = { token_desc: "Cash", currencyName: "US dollar", conversionRate: 1 };
export const accountPolicy = { kycCompliance: "true", amlCompliance: "true", riskScore: 10, restrictionFlag: "false" };
export const toPayee = { toOrgId: persons.payee.orgId, toUserId: persons.payee.userId };

/** What requests and holds have in common. */
export function request(quantity: string, notary: Person = callers.notary) {
  const { orgId: notaryOrgId, userId: notaryUserId } = notary;
  const infoDetails = { category: "rent", description: "March" };
  return { notaryOrgId, notaryUserId, quantity, timeToExpiration: "0", infoDetails };
}

export function band(lower: string, upper: string, approvers: readonly Person[]) {
  return {
    transactionLowerLimit: lower,
    transactionUpperLimit: upper,
    numberOfApprovalsRequired: approvers.length,
    approverDetails: approvers.map(({ orgId, userId }, index) => {
      return { approverOrgId: orgId, approverUserId: userId, approvalSequence: index + 1 };
    }),
  };
}
