import { hash } from "node:crypto";
import { sha256Hex } from "../text.ts";
import type { User } from "./rows.ts";

/**
 * One transaction makes one account at most, so the transaction makes the id unique: a user can have several accounts without token.
 * Each part comes after its length, so that no two lists of parts read alike.
 */
export function newAccountId({ org, user }: User, txId: string): string {
  return `oaccount~${hashParts("oaccount", "fungible", org, user, txId)}`;
}

export function accountIdToStatusId(accountId: string): string {
  return `oaccountStatus~${hashParts("oaccountStatus", accountId)}`;
}

/** @param position of a sub-transaction within its bulk transfer, from 1 */
export function toTransactionId(txId: string, position?: number): string {
  const sub = position === undefined ? "" : `~${hash("md5", String(position), "hex")}`;
  return `otransaction~${txId}${sub}`;
}

/** What follows the prefix; undefined when the text is no id of a transaction. */
export function parseTransactionId(id: string): string | undefined {
  return /^otransaction~([0-9a-zA-Z_-]{1,128}(?:~[0-9a-f]{32})?)$/.exec(id)?.[1];
}

export function toHoldingId(tokenName: string, tokenId: string, operationId: string): string {
  return `ohold~${tokenName}~${tokenId}~${operationId}`;
}

export function toApprovalTransactionId(operationId: string, accountId: string): string {
  return `${operationId}~${accountId}`;
}

export function parseApprovalTransactionId(id: string): readonly [string, string] | undefined {
  const [, operationId, accountId] = /^([^~]+)~(oaccount~[0-9a-f]{64})$/.exec(id) ?? [];
  return operationId === undefined || accountId === undefined ? undefined : [operationId, accountId];
}

export function toAccountPolicyId({ org, user }: User): string {
  return `APID~${org}~${user}`;
}

export function parseAccountPolicyId(id: string): User | undefined {
  const [, org, user] = /^APID~([^~]+)~([^~]+)$/.exec(id) ?? [];
  return org === undefined || user === undefined ? undefined : { org, user };
}

export function toApprovalPolicyId(lower: string, upper: string): string {
  return `GPID~${lower}~${upper}`;
}

export function parseApprovalPolicyId(id: string): { readonly lower: string; readonly upper: string } | undefined {
  const [, lower, upper] = /^GPID~([0-9.]+)~([0-9.]+)$/.exec(id) ?? [];
  return lower === undefined || upper === undefined ? undefined : { lower, upper };
}

function hashParts(...parts: readonly string[]): string {
  return sha256Hex(parts.map((part) => `${part.length}:${part}`).join(""));
}
