/** What the model remembers. Amounts are in smallest units, times in milliseconds since the epoch. */
export interface Person {
  readonly org: string;
  readonly user: string;
}

export interface ModelToken {
  readonly id: string;
  readonly decimals: number;
  /** 0: no limit. */
  readonly mintMax: bigint;
  /** Oldest first: one for each write of the token. */
  readonly descriptions: string[];
  minted: bigint;
  burned: bigint;
}

export type Role = "minter" | "burner" | "notary";
export type Status = "active" | "suspended" | "deleted";

export interface ModelAccount {
  /** Opaque: learned from the contract's answer. */
  id: string;
  readonly owner: Person;
  token: ModelToken | undefined;
  status: Status;
  balance: bigint;
  onHold: bigint;
  onHoldBurn: bigint;
  /** As given, without a token, in token units; 0: no limit. */
  amountMaxText: string;
  countMax: number;
  /** Counted on `dayMs`. */
  dailyAmount: bigint;
  dailyCount: number;
  /** Midnight UTC of the day that the counters belong to. */
  dayMs: number;
  readonly roles: Set<Role>;
  /** Oldest first. */
  readonly history: ModelEntry[];
}

/** One line of an account's history. */
export interface ModelEntry {
  readonly type: string;
  readonly amount: bigint;
  readonly timeMs: number;
  readonly balance: bigint;
  readonly onHold: bigint;
  /** The account on the other side, or the account itself; none of a bulk transfer. */
  readonly other: ModelAccount | undefined;
}

export interface ModelHold {
  readonly kind: "transfer" | "mint" | "burn";
  readonly operationId: string;
  readonly token: ModelToken;
  readonly payer: ModelAccount;
  /** Of requests: the requester again. */
  readonly payee: ModelAccount;
  readonly notary: ModelAccount;
  readonly amount: bigint;
  /** undefined: permanent. */
  readonly expiresMs: number | undefined;
  /** Who must approve, in order; fixed at the beginning. */
  readonly approvers: readonly Person[];
  readonly approved: ModelAccount[];
  status: "pending" | "completed" | "released" | "approved" | "rejected";
}

export interface ModelBand {
  readonly id: string;
  readonly lower: bigint;
  readonly upper: bigint;
  /** In order. */
  approvers: readonly Person[];
}

export interface ModelPolicy {
  readonly kyc: boolean;
  readonly aml: boolean;
  readonly restricted: boolean;
  readonly risk: number;
}

export class ModelState {
  isOpen = false;
  readonly tokenAdmins = new Set<string>();
  readonly tokenAuditors = new Set<string>();
  readonly orgAdmins = new Set<string>();
  readonly orgAuditors = new Set<string>();
  readonly tokens = new Map<string, ModelToken>();
  readonly accounts: ModelAccount[] = [];
  /** By token and operation. */
  readonly holds = new Map<string, ModelHold>();
  readonly policies = new Map<string, ModelPolicy>();
  readonly bands = new Map<string, ModelBand>();
  /** Of the movements, oldest first. */
  readonly transactionIds: string[] = [];
}

export function isPending({ status }: ModelHold): boolean {
  return status === "pending";
}

export function nameOf({ org, user }: Person): string {
  return `${org} ${user}`;
}

export function holdKey(tokenId: string, operationId: string): string {
  return `${tokenId} ${operationId}`;
}
