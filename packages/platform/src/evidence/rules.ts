import {
  type EvidenceKey,
  isChainCode,
  isGivenBusinessId,
  isReadableBusinessId,
  parseEvidenceKey,
  parseWritableEvidenceKey,
} from "@concordat/contracts";
import { chainActions } from "../access/actions.ts";
import type { Authorizer } from "../access/authorizer.ts";
import type { DeviceGate } from "../devices/device-gate.ts";
import type { DeviceSignature } from "../devices/ports.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { BusinessChain, ChainMembership, Principal } from "../ports.ts";

export interface EvidenceCall {
  readonly chainCode: string;
  readonly key: string;
  readonly businessId?: string | undefined;
  /** Left out by calls that read. */
  readonly value?: string;
  readonly device?: DeviceSignature;
}

/** What the rules ask. */
export interface EvidenceAccess {
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly deviceGate: Pick<DeviceGate, "checkForm">;
}

export interface EvidencePlace {
  readonly chain: BusinessChain;
  readonly membership: ChainMembership;
  readonly key: EvidenceKey;
}

/**
 * The rules that every evidence call passes, in this order. When several are broken, the first one answers:
 *
 * 1. SERVICE_NOT_OPENED: the caller's account has opened the service (-339)
 * 2. CHAIN_CODE_MALFORMED: the chain code has 16 letters and digits (-101)
 * 3. EVIDENCE_KEY_MALFORMED: the key has its form and a known version; a write needs version 0001 (-102)
 * 4. VALUE_EMPTY, VALUE_MALFORMED: a write has a value, of characters that UTF-8 can hold (-103)
 * 5. BUSINESS_ID_MALFORMED: a business id has its form
 * 6. CHAIN_CODE_MISMATCH: the key carries the call's chain code (-105)
 * 7. DEVICE_FIELD_EMPTY to DEVICE_SOURCE_UNSUPPORTED: the signature of a device has its form and is over the value, see DeviceGate.checkForm
 *    (-106, -107, -110, -111, -118)
 * 8. DATA_TYPE_UNKNOWN: somebody has the key's data-type code, on a chain for evidence (-305)
 * 9. DATA_TYPE_FOREIGN: it is one of this chain (-115)
 * 10. ACCOUNT_KIND_REFUSED, ACCESS_DENIED: the caller's place on the chain lets it (-104)
 *
 * The rest needs more: for writes {@link requireWritable}, the batch and the value's length, then whether the device may upload and made
 * the signature (DEVICE_UNAUTHORIZED, DEVICE_SIGNATURE_REFUSED: -106), the quota, then the ledger (-317, -318, -106 for a signature that was
 * used before, -320).
 * @source Aliyun LTL document, section 4.2.6; the caller comes first because the gateway knows it before it reads the call
 */
export function placeEvidence(
  caller: Principal,
  call: EvidenceCall,
  { directory, authorizer, deviceGate }: EvidenceAccess,
): EvidencePlace {
  authorizer.requireService(caller);
  if (!isChainCode(call.chainCode)) throw new PlatformError("CHAIN_CODE_MALFORMED");
  const isWrite = call.value !== undefined;
  const key = isWrite ? parseWritableEvidenceKey(call.key) : parseEvidenceKey(call.key);
  if (key === undefined) throw new PlatformError("EVIDENCE_KEY_MALFORMED");
  if (call.value === "") throw new PlatformError("VALUE_EMPTY");
  if (call.value?.isWellFormed() === false) throw new PlatformError("VALUE_MALFORMED");
  requireBusinessId(call.businessId, isWrite);
  if (key.chainCode !== call.chainCode) throw new PlatformError("CHAIN_CODE_MISMATCH");
  // A batch is signed as it stands, in one text.
  if (call.device !== undefined) deviceGate.checkForm(call.device, [call.value ?? ""]);
  const chain = chainOfType(key, directory);
  const action = isWrite ? chainActions.writeEvidence : chainActions.readEvidence;
  const membership = authorizer.placeOnChain(authorizer.wholeCaller(caller), action, chain, key.dataTypeCode);
  return { chain, key, membership };
}

/**
 * The chain of a look-up that names no key.
 * @throws PlatformError SERVICE_NOT_OPENED, CHAIN_CODE_MALFORMED, CHAIN_UNKNOWN, ACCOUNT_KIND_REFUSED, ACCESS_DENIED
 */
export function placeLookUp(
  caller: Principal,
  chainCode: string,
  { directory, authorizer }: Pick<EvidenceAccess, "directory" | "authorizer">,
): BusinessChain {
  authorizer.requireService(caller);
  if (!isChainCode(chainCode)) throw new PlatformError("CHAIN_CODE_MALFORMED");
  const chain = directory.chainByCode(chainCode);
  if (chain?.service !== "proof") throw new PlatformError("CHAIN_UNKNOWN");
  authorizer.placeOnChain(authorizer.wholeCaller(caller), chainActions.readEvidence, chain);
  return chain;
}

/** @throws PlatformError CHAIN_EXPIRED */
export function requireWritable(chain: BusinessChain, nowMs: number): void {
  if (nowMs >= chain.expiresMs) {
    throw new PlatformError("CHAIN_EXPIRED", undefined, {
      facts: { bizChainId: chain.bizChainId, expiresMs: chain.expiresMs },
    });
  }
}

function requireBusinessId(businessId: string | undefined, isWrite: boolean): void {
  if (businessId === undefined) return;
  const isValid = isWrite ? isGivenBusinessId(businessId) : isReadableBusinessId(businessId);
  if (!isValid) throw new PlatformError("BUSINESS_ID_MALFORMED");
}

function chainOfType(key: EvidenceKey, directory: Directory): BusinessChain {
  const owner = directory.membershipByCode(key.dataTypeCode);
  const chain = owner === undefined ? undefined : directory.chain(owner.bizChainId);
  // A code is in use once its first holder has joined; that the place goes to another one changes nothing for its records.
  const isInUse = owner?.status === "active" || (owner !== undefined && owner.formerUid !== null);
  // Codes of members of a collaboration stand in no evidence key.
  if (!isInUse || chain?.service !== "proof") {
    throw new PlatformError("DATA_TYPE_UNKNOWN");
  }
  if (chain.bizChainCode !== key.chainCode) throw new PlatformError("DATA_TYPE_FOREIGN");
  return chain;
}
