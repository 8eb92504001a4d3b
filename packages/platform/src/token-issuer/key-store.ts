import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { InvariantError } from "@concordat/base";
import { auditEntry } from "../audit/audit-entry.ts";
import type { ControlChange, SigningKeyRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import type { Caller } from "../ports.ts";
import { type KeyMaking, newSigningKey } from "./new-signing-key.ts";
import { type SigningPurpose, tokenLifetimesMs } from "./ports.ts";

/** A key ready for use. */
export interface OpenKey {
  readonly keyId: string;
  readonly signing: KeyObject;
  readonly verifying: KeyObject;
}

/** Other servers may sign with a replaced key until they notice that it was. */
const NOTICE_MS = 10_000;
/** How often an unknown key id may make this server look for what others have made. */
const LOOK_EVERY_MS = 1_000;

/** The signing keys of the directory: found, made at their first use, replaced, and opened once. */
export class SigningKeyStore {
  readonly #dependencies: KeyMaking & { readonly directory: Directory };
  readonly #making = new Map<SigningPurpose, Promise<SigningKeyRow>>();
  readonly #open = new Map<string, OpenKey>();
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(dependencies: KeyMaking & { readonly directory: Directory }) {
    this.#dependencies = dependencies;
  }

  /** The key that signs. */
  current(purpose: SigningPurpose): Promise<SigningKeyRow> {
    const known = this.#current(purpose);
    if (known !== undefined) return Promise.resolve(known);
    const making = this.#making.get(purpose) ?? this.#makeFirst(purpose).finally(() => this.#making.delete(purpose));
    this.#making.set(purpose, making);
    return making;
  }

  /** The keys whose tokens may still live, the present one first. */
  verifying(purpose: SigningPurpose): SigningKeyRow[] {
    return this.all()
      .filter((row) => row.purpose === purpose && !this.#isOver(row))
      .sort((a, b) => (b.retiredMs ?? Number.POSITIVE_INFINITY) - (a.retiredMs ?? Number.POSITIVE_INFINITY) || 0);
  }

  all(): SigningKeyRow[] {
    return this.#dependencies.directory.table("signingKeys").all();
  }

  /** Looks for keys that another server may have made; seldom enough that strangers cannot make it busy. */
  async lookForOthers(): Promise<void> {
    const nowMs = this.#dependencies.clock.nowMs();
    if (Math.abs(nowMs - this.#lookedMs) < LOOK_EVERY_MS) return;
    this.#lookedMs = nowMs;
    await this.#dependencies.directory.refresh();
  }

  async replace(caller: Caller, purpose: SigningPurpose): Promise<SigningKeyRow> {
    const { directory, clock } = this.#dependencies;
    const next = await newSigningKey(purpose, this.#dependencies);
    return directory.change(async () => {
      const before = this.#current(purpose);
      const over = this.all().filter((row) => row.purpose === purpose && this.#isOver(row));
      const changes: ControlChange[] = [
        ...over.map((row) => ({ table: "signingKeys", row, remove: true }) as const),
        ...(before === undefined
          ? []
          : [{ table: "signingKeys", row: { ...before, retiredMs: clock.nowMs() } } as const]),
        { table: "signingKeys", row: next },
      ];
      const detail = { purpose, replaced: before?.keyId ?? null };
      return { changes, audit: [this.#audit(caller, "platform:signingKey:rotate", next.keyId, detail)], result: next };
    });
  }

  open(row: SigningKeyRow): OpenKey {
    const known = this.#open.get(row.keyId);
    if (known !== undefined) return known;
    const secret = this.#dependencies.sealer.open(sealingPurposes.signingKey(row.keyId), row.keySealed);
    const opened = { keyId: row.keyId, ...keyObjects(row, secret) };
    this.#open.set(row.keyId, opened);
    return opened;
  }

  /** Keys are made before the directory is held, so that making them holds nobody up. */
  async #makeFirst(purpose: SigningPurpose): Promise<SigningKeyRow> {
    const made = await newSigningKey(purpose, this.#dependencies);
    return this.#dependencies.directory.change(async () => {
      const known = this.#current(purpose);
      if (known !== undefined) return { changes: [], result: known };
      const audit = [this.#audit(undefined, "platform:signingKey:create", made.keyId, { purpose })];
      return { changes: [{ table: "signingKeys", row: made }], audit, result: made };
    });
  }

  #current(purpose: SigningPurpose): SigningKeyRow | undefined {
    return this.all().find((row) => row.purpose === purpose && row.retiredMs === null);
  }

  #isOver({ purpose, retiredMs }: SigningKeyRow): boolean {
    if (retiredMs === null) return false;
    return retiredMs + tokenLifetimesMs[purpose] + NOTICE_MS <= this.#dependencies.clock.nowMs();
  }

  #audit(caller: Caller | undefined, action: string, keyId: string, detail: Readonly<Record<string, unknown>>) {
    return auditEntry(caller, { action, resource: { kind: "signingKey", id: keyId }, detail }, this.#dependencies);
  }
}

function keyObjects({ keyId, purpose }: SigningKeyRow, secret: Uint8Array) {
  switch (purpose) {
    case "bif": {
      const key = createSecretKey(secret);
      return { signing: key, verifying: key };
    }
    case "oauth": {
      const signing = createPrivateKey({ key: Buffer.from(secret), format: "der", type: "pkcs8" });
      return { signing, verifying: createPublicKey(signing) };
    }
    default:
      throw new InvariantError(`Signing key ${keyId} has a purpose that is not known.`);
  }
}
