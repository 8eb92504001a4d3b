import type { ContractContext } from "@concordat/ledger/contract-api";
import { isVisibleAscii } from "../text.ts";
import { refuse } from "./refusals.ts";
import { isGranted, readAdministrator } from "./rows.ts";

const UID_CHARACTERS_MAX = 64;

export function isUid(text: string): boolean {
  return isVisibleAscii(text, UID_CHARACTERS_MAX);
}

/** The uid that the caller's certificate names. @throws ContractRefusal ACCESS_DENIED */
export function requireCaller({ clientIdentity }: ContractContext): string {
  const uid = clientIdentity.getAttributeValue("principal") ?? "";
  return isUid(uid) ? uid : refuse("ACCESS_DENIED", "The certificate of the caller names no principal.");
}

export async function isAdministrator(context: ContractContext, uid: string): Promise<boolean> {
  return (await readAdministrator(context.stub)) === uid;
}

/** @throws ContractRefusal ACCESS_DENIED */
export async function requireAdministrator(context: ContractContext): Promise<void> {
  if (!(await isAdministrator(context, requireCaller(context)))) {
    refuse("ACCESS_DENIED", "Only the administrator of the chain may do this.");
  }
}

/** The caller, which may write to the phase. @throws ContractRefusal ACCESS_DENIED */
export async function requireWriter(context: ContractContext, phaseId: string): Promise<string> {
  const uid = requireCaller(context);
  const mayWrite = (await isAdministrator(context, uid)) || (await isGranted(context.stub, uid, phaseId));
  return mayWrite ? uid : refuse("ACCESS_DENIED", "The caller may not write to this phase.");
}
