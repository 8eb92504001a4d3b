import { hash } from "node:crypto";
import type { AccessKey, Authentication, Caller, DataPlatform, Principal } from "@concordat/platform";
import { CHAIN, fakeChains, refuseWith } from "./fake-chains.ts";
import { FakeCollaboration } from "./fake-collaboration.ts";
import { fakeDevices } from "./fake-devices.ts";
import { type EvidenceWrite, fakeEvidence } from "./fake-evidence.ts";
import { fakeMembers } from "./fake-members.ts";
import { ACCOUNT, USER } from "./fake-principals.ts";

export { BIZ_CHAIN_ID, CHAIN_CODE, COLLABORATION_CHAIN_ID, refuseWith } from "./fake-chains.ts";
export { ACCOUNT } from "./fake-principals.ts";

export const USER_KEY_ID = "userid";
export const KEY_ID = "testid";
export const KEY_SECRET = "testsecret";
export const INACTIVE_KEY_ID = "inactiveid";

/**
 * A platform in memory, for tests of the dialects: evidence, members and devices are kept and read back, one chain of each service exists, nonces
 * are taken once, idempotency keys run once. The platform's own rules are not rebuilt here: `fail` makes the next call refuse with a code instead.
 */
export class FakePlatform implements DataPlatform {
  readonly installationId = "0123456789abcdef";
  readonly calls: string[] = [];
  /** Of evidence. */
  readonly writes: EvidenceWrite[] = [];
  /** Those that were asked to be kept on disk. */
  readonly keptNonces: string[] = [];
  /** Callers that were made with their credential. */
  readonly wholeCallers: Caller[] = [];
  #failure: Error | undefined;
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

  readonly #devices = fakeDevices((call) => this.#enter(call));
  readonly chains = fakeChains((call) => this.#enter(call));
  readonly members = fakeMembers((call) => this.#enter(call));
  readonly collaboration = new FakeCollaboration((call) => this.#enter(call));
  readonly devices = this.#devices.service;
  readonly evidence = fakeEvidence(
    (call) => this.#enter(call),
    (input, timestampMs) => {
      this.writes.push(input);
      if (input.device !== undefined) this.#devices.uploaded(input.device, timestampMs);
    },
  );

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
      const scope = { kind: "tenant" as const, tenantId };
      const caller: Caller = { principal, tenantId, scope, credential, sourceAddress, requestId };
      this.wholeCallers.push(caller);
      return caller;
    },
    noteRefusal: () => this.calls.push("authentication.noteRefusal"),
  };

  readonly nonces: DataPlatform["nonces"] = {
    take: async ({ accessKeyId, nonce, mutating, ledgerBound = false }) => {
      if (mutating && !ledgerBound) this.keptNonces.push(nonce);
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
