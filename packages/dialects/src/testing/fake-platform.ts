import { hash } from "node:crypto";
import { ConcordatError } from "@concordat/base";
import type {
  AccessKey,
  Authentication,
  DataPlatform,
  EvidenceRecord,
  PlatformErrorCode,
  Principal,
} from "@concordat/platform";

export const ACCOUNT: Principal = {
  uid: "1000000000000001",
  userId: "00000000000000001000000000000001",
  accountUid: "1000000000000001",
  kind: "account",
  name: "Carrier",
  mspId: "CarrierMSP",
  ledgerServiceOpened: true,
  installationAdministrator: true,
  enabled: true,
};

const USER: Principal = {
  ...ACCOUNT,
  uid: "2000000000000009",
  kind: "ram-user",
  name: "truck-9",
  installationAdministrator: false,
};

export const USER_KEY_ID = "userid";
export const KEY_ID = "testid";
export const KEY_SECRET = "testsecret";
export const INACTIVE_KEY_ID = "inactiveid";
export const CHAIN_CODE = "HB5jyvZWzwcMFSFg";
export const BIZ_CHAIN_ID = "4899730875490001";

export function refuseWith(code: PlatformErrorCode, summary = `Refused with ${code}.`): ConcordatError {
  return new ConcordatError({ code, summary });
}

const CHAIN = {
  bizChainId: BIZ_CHAIN_ID,
  bizChainCode: CHAIN_CODE,
  channelId: "ltl-1",
  name: "冷链 <Cold> & chain",
  remark: "Temperatures.",
  edition: "enterprise" as const,
  administratorUid: ACCOUNT.uid,
  effectiveMs: 1586125838680,
  expiresMs: 1666125838680,
  countQuota: 10_000_000,
  capacityQuotaBytes: 800_000_000_000,
  blockCutting: { messageCountMax: 500, bytesMax: 2_097_152, timeoutMs: 2_000, cutWhenIdle: true },
  cryptography: "international" as const,
};
const MEMBERSHIP = { chain: CHAIN, role: "administrator" as const, dataTypeCode: "0X58" };

function block(number: number) {
  const digest = (part: string) => hash("sha256", `${part}${number}`, "hex");
  return {
    number,
    headerHash: digest("header"),
    previousHash: digest("previous"),
    dataHash: digest("data"),
    transactionCount: 1,
  };
}

/**
 * A platform in memory, for tests of the dialects: evidence is kept and read back, one chain exists, nonces are taken once, idempotency keys
 * run once. The platform's own rules are not rebuilt here: `fail` makes the next call refuse with a code instead.
 */
export class FakePlatform implements DataPlatform {
  readonly installationId = "0123456789abcdef";
  readonly calls: string[] = [];
  #failure: Error | undefined;
  readonly #records: EvidenceRecord[] = [];
  readonly #nonces = new Set<string>();
  readonly #answers = new Map<string, { requestHash: string; answer: Promise<unknown> }>();
  readonly #accessKeys = new Map<string, AccessKey>([
    [KEY_ID, { accessKeyId: KEY_ID, secret: KEY_SECRET, active: true, principal: ACCOUNT }],
    [USER_KEY_ID, { accessKeyId: USER_KEY_ID, secret: KEY_SECRET, active: true, principal: USER }],
    [INACTIVE_KEY_ID, { accessKeyId: INACTIVE_KEY_ID, secret: KEY_SECRET, active: false, principal: ACCOUNT }],
  ]);

  /** The next call of the platform throws this. */
  fail(error: Error): void {
    this.#failure = error;
  }

  findAccessKey(accessKeyId: string): AccessKey | undefined {
    return this.#accessKeys.get(accessKeyId);
  }

  #enter(name: string): void {
    this.calls.push(name);
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  #write(key: string, value: string, businessId: string | undefined, nonce: string): string[] {
    const sequence = this.#of(key).length + 1;
    const txId = hash("sha256", `${nonce}${key}${sequence}`, "hex");
    this.#records.push({
      key,
      sequence,
      value,
      digest: hash("sha256", value, "hex"),
      businessId: businessId ?? String(sequence).padStart(16, "0"),
      dataTypeCode: "0X58",
      writerUid: ACCOUNT.uid,
      deviceId: "",
      txId,
      timestampMs: 1_600_000_000_000 + sequence,
    });
    return [txId];
  }

  #of(key: string): EvidenceRecord[] {
    return this.#records.filter((record) => record.key === key);
  }

  #find(key: string, businessId: string | undefined): EvidenceRecord {
    const found = this.#of(key).findLast((record) => businessId === undefined || record.businessId === businessId);
    if (found === undefined) throw refuseWith("EVIDENCE_UNKNOWN");
    return found;
  }

  readonly evidence: DataPlatform["evidence"] = {
    set: async (_caller, { key, value }, { nonce }) => {
      this.#enter("evidence.set");
      return { txIds: this.#write(key, value, undefined, nonce) };
    },
    attach: async (_caller, { key, value, businessId }, { nonce }) => {
      this.#enter("evidence.attach");
      return { txIds: this.#write(key, value, businessId, nonce) };
    },
    get: async (_caller, { key, businessId }) => {
      this.#enter("evidence.get");
      return this.#find(key, businessId);
    },
    blockData: async (_caller, { key, businessId }) => {
      this.#enter("evidence.blockData");
      const record = this.#find(key, businessId);
      return {
        record,
        chainName: CHAIN.name,
        organizationNames: ["Carrier", "Shipper"],
        block: block(record.sequence),
      };
    },
    historyCount: async (_caller, { key }) => {
      this.#enter("evidence.historyCount");
      return this.#of(key).length;
    },
    history: async (_caller, { key, page, pageSize }) => {
      this.#enter("evidence.history");
      const all = this.#of(key).reverse();
      const from = (page - 1) * pageSize;
      const records = all.slice(from, from + pageSize);
      return {
        chainName: CHAIN.name,
        total: all.length,
        records: records.map((record, index) => ({ ...record, block: record.sequence, rank: from + index + 1 })),
      };
    },
    findByDigest: async (_caller, { digest }) => {
      this.#enter("evidence.findByDigest");
      return this.#records.filter((record) => record.digest === digest.toLowerCase());
    },
  };

  readonly chains: DataPlatform["chains"] = {
    list: async (_caller, { name }) => {
      this.#enter("chains.list");
      const items = name === undefined || name === CHAIN.name ? [MEMBERSHIP] : [];
      return { total: items.length, items };
    },
    get: async (_caller, bizChainId) => {
      this.#enter("chains.get");
      if (bizChainId !== BIZ_CHAIN_ID) throw refuseWith("CHAIN_UNKNOWN");
      return { ...MEMBERSHIP, status: "normal" };
    },
    usage: async (_caller, bizChainId) => {
      this.#enter("chains.usage");
      if (bizChainId !== BIZ_CHAIN_ID) throw refuseWith("CHAIN_UNKNOWN");
      return { usedCount: 3, usedCapacityBytes: 30, memberUsedCount: 2, memberUsedCapacityBytes: 20 };
    },
    create: async (_caller, { name, blockCutting, cryptography = "international" }) => {
      this.#enter("chains.create");
      return {
        ...MEMBERSHIP,
        chain: { ...CHAIN, name, blockCutting: { ...CHAIN.blockCutting, ...blockCutting }, cryptography },
      };
    },
    addMember: async () => {
      this.#enter("chains.addMember");
      return { ...MEMBERSHIP, role: "member", dataTypeCode: "0X59" };
    },
  };

  readonly accounts: DataPlatform["accounts"] = {
    createAccount: async (_caller, { name }) => {
      this.#enter("accounts.createAccount");
      return this.#newPrincipal({ ...ACCOUNT, uid: "1000000000000002", accountUid: "1000000000000002", name });
    },
    createRamUser: async (_caller, { accountUid, name }) => {
      this.#enter("accounts.createRamUser");
      return this.#newPrincipal({ ...ACCOUNT, uid: "2000000000000001", accountUid, kind: "ram-user", name });
    },
  };

  #newPrincipal(principal: Principal) {
    const accessKey = { accessKeyId: `key-${principal.uid}`, secret: "new-secret", active: true, principal };
    return { principal, accessKey };
  }

  #receipt(txId: string, withEnvelope: boolean) {
    return {
      format: "concordat-receipt/1" as const,
      origin: "concordat/0123456789abcdef/ltl-1",
      leaf: { kind: 1 as const, validationCode: 0, block: 1, index: 0, envelopeSha256: txId, txId },
      leafIndex: 1,
      inclusionPath: ["bm9kZQ=="],
      checkpoint: "concordat/0123456789abcdef/ltl-1\n2\nroot\n\n",
      ...(withEnvelope ? { envelope: "ZW52ZWxvcGU=" } : {}),
    };
  }

  readonly receipts: DataPlatform["receipts"] = {
    byTransaction: async (_caller, txId, { withEnvelope }) => {
      this.#enter("receipts.byTransaction");
      return this.#receipt(txId, withEnvelope);
    },
    byKey: async (_caller, { key, businessId }, { withEnvelope }) => {
      this.#enter("receipts.byKey");
      return this.#receipt(hash("sha256", `${key}${businessId ?? ""}`, "hex"), withEnvelope);
    },
    byDigest: async (_caller, { digest }, { withEnvelope }) => {
      this.#enter("receipts.byDigest");
      return [this.#receipt(digest.toLowerCase(), withEnvelope)];
    },
    trustBundle: async () => {
      this.#enter("receipts.trustBundle");
      return { format: "concordat-trust/1", channels: [] };
    },
    channelStatus: async (_caller, channelId) => {
      this.#enter("receipts.channelStatus");
      const organizations = [{ mspId: "CarrierMSP", displayName: "Carrier" }];
      const shape = { origin: "concordat/0123456789abcdef/ltl-1", displayName: CHAIN.name, organizations };
      return {
        ...shape,
        channelId,
        height: 2,
        transactionCount: 2,
        configSequence: 0,
        checkpoint: "note",
        failed: false,
      };
    },
    stateHash: async ({ installationAdministrator }, channelId) => {
      this.#enter("receipts.stateHash");
      if (!installationAdministrator) throw refuseWith("ACCESS_DENIED");
      return hash("sha256", channelId, "hex");
    },
    checkpoint: async (_caller, channelId, number) => {
      this.#enter("receipts.checkpoint");
      return `${channelId}\n${number ?? 1}\n`;
    },
    consistency: async (_caller, _channelId, fromBlock, toBlock) => {
      this.#enter("receipts.consistency");
      return { fromSize: fromBlock + 1, toSize: toBlock + 1, path: [], fromCheckpoint: "a", toCheckpoint: "b" };
    },
  };

  /** Slows nobody; the throttle is shown over the real platform. */
  readonly authentication: Pick<Authentication, "signatures" | "wholeCallerOf" | "noteRefusal"> = {
    signatures: {
      waitMs: () => 0,
      failed() {},
      refused() {},
      succeeded() {},
      isEnabled: ({ enabled }) => enabled,
    },
    wholeCallerOf: (principal, credential, { sourceAddress, requestId }) => {
      const tenantId = "0".repeat(32);
      return { principal, tenantId, scope: { kind: "tenant", tenantId }, credential, sourceAddress, requestId };
    },
    noteRefusal: () => this.calls.push("authentication.noteRefusal"),
  };

  readonly nonces: DataPlatform["nonces"] = {
    take: async ({ accessKeyId, nonce }) => {
      const key = `${accessKeyId} ${nonce}`;
      if (this.#nonces.has(key)) return false;
      this.#nonces.add(key);
      return true;
    },
  };

  readonly idempotency: DataPlatform["idempotency"] = {
    run: <Response>(
      request: { key: string; principalUid: string; operation: string; requestHash: string },
      work: () => Promise<Response>,
    ): Promise<Response> => {
      const key = `${request.principalUid} ${request.key}`;
      const requestHash = `${request.operation} ${request.requestHash}`;
      const known = this.#answers.get(key);
      if (known !== undefined && known.requestHash !== requestHash) throw refuseWith("IDEMPOTENCY_CONFLICT");
      if (known !== undefined) return known.answer as Promise<Response>;
      const answer = work();
      this.#answers.set(key, { requestHash, answer });
      return answer;
    },
  };
}
