import { bytesToHex, equalBytes, utf8ToBytes } from "../core/bytes.ts";
import { type Checkpoint, checkpointKeyId, type OrganizationKey } from "../core/checkpoint.ts";
import { faultUnless } from "../core/fault.ts";
import { nodeCrypto, verifyEd25519Later } from "../node-crypto.ts";

/** A key together with what its signature lines begin with. */
export interface NamedKey extends OrganizationKey {
  readonly keyName: string;
  readonly keyId: Uint8Array;
}

/** Keys in the order of their signature lines: by MSP id, then by key id; none twice. */
export function namedKeys(origin: string, ...lists: readonly (readonly OrganizationKey[])[]): NamedKey[] {
  const byName = new Map<string, NamedKey>();
  for (const key of lists.flat()) {
    const keyName = `${origin}/${key.mspId}`;
    const keyId = checkpointKeyId(keyName, key, nodeCrypto.sha256);
    byName.set(`${key.mspId} ${bytesToHex(keyId)} ${bytesToHex(key.publicKey)}`, { ...key, keyName, keyId });
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key);
}

const PENDING_MAX = 128;

/**
 * Signature checks under way on the thread pool. A stored checkpoint carries exactly the lines of the keys that must sign it: anything else
 * would be bytes that nothing covers.
 */
export class SignatureQueue {
  readonly #pending = new Set<Promise<void>>();
  /** The earliest block with a bad signature so far. */
  fault: { readonly block: number; readonly message: string } | undefined;

  /** @throws Fault when the lines are not those of `keys`; a line with a bad signature becomes `fault` later */
  add(checkpoint: Checkpoint, keys: readonly NamedKey[]): void {
    const lines = checkpoint.signatures;
    faultUnless(
      lines.length === keys.length,
      `the checkpoint carries ${lines.length} signatures instead of ${keys.length}`,
    );
    const message = utf8ToBytes(checkpoint.body);
    for (const [at, key] of keys.entries()) {
      const line = lines[at];
      faultUnless(
        line?.keyName === key.keyName && equalBytes(line.keyId, key.keyId) && line.signature.length === 64,
        `the checkpoint lacks the signature of ${key.mspId}, or its signatures are not in order`,
      );
      this.#start(checkpoint.block, key, message, line.signature);
    }
  }

  get isFull(): boolean {
    return this.#pending.size >= PENDING_MAX;
  }

  /** Waits until some check, or with `all` every one, has ended. */
  async drain(all: boolean): Promise<void> {
    if (all) await Promise.all(this.#pending);
    else await Promise.race(this.#pending);
  }

  /** Takes a check of any signature in that block that is under way; the message becomes the fault when it does not hold. */
  await(block: number, message: string, result: Promise<boolean>): void {
    const check = result.then((holds) => {
      this.#pending.delete(check);
      if (holds || (this.fault !== undefined && this.fault.block <= block)) return;
      this.fault = { block, message };
    });
    this.#pending.add(check);
  }

  #start(block: number, key: NamedKey, message: Uint8Array, signature: Uint8Array): void {
    // There is no SM2 on the thread pool: it is computed here and now.
    const result =
      key.algorithm === "SM2"
        ? Promise.resolve(nodeCrypto.verifySm2(key.publicKey, message, signature))
        : verifyEd25519Later(key.publicKey, message, signature);
    this.await(block, `the checkpoint's signature of ${key.mspId} is not valid`, result);
  }
}
