import { type AnyOperation, type Authenticator, authenticateBy } from "@concordat/api-kit";
import type { CallNonce, Principal } from "@concordat/platform";
import { authenticateSigned, type SignatureDependencies } from "../signing/authenticate.ts";
import { type CommonFields, type SignatureScheme, signatureRefusal } from "./auth.ts";
import { gatewayErrors, LtlRefusal } from "./errors.ts";

/** A call whose common fields are read, and from where it came. */
export interface LtlRequest {
  readonly common: CommonFields;
  readonly sourceAddress: string | undefined;
}

/** The caller, and the nonce that its writes carry. */
export interface LtlCaller {
  readonly caller: Principal;
  readonly nonce: CallNonce;
}

/** Signature version 1 in parameters, or ACS3 in headers. Only the principal is made of it: nothing here may cost microseconds. */
export function ltlAuthentication(parts: SignatureDependencies) {
  return authenticateBy<LtlCaller, LtlRequest>(
    [authenticator("rpc", parts), authenticator("acs3", parts)],
    // Every call that could be read has one of the two.
    () => new LtlRefusal(gatewayErrors.signatureIncomplete, "The request is not signed."),
  );
}

/**
 * Whether what the action does is one transaction, made with the call's own nonce: then the ledger refuses a replay. Such a row answers its
 * transactions. The nonces of every other mutating action are kept on disk.
 */
export function isLedgerBound({ output }: Pick<AnyOperation, "output">): boolean {
  const properties: unknown = output["properties"];
  return typeof properties === "object" && properties !== null && "txIds" in properties;
}

function authenticator(scheme: SignatureScheme, parts: SignatureDependencies): Authenticator<LtlCaller, LtlRequest> {
  const shared = { ...parts, tellsUnknownKeys: true };
  const ledgerBound = { ...shared, ledgerBound: true };
  const kept = { ...shared, ledgerBound: false };
  return {
    scheme,
    recognizes: ({ common }) => common.scheme === scheme,
    async authenticate({ common, sourceAddress }, { operation }) {
      const dependencies = isLedgerBound(operation) ? ledgerBound : kept;
      const checked = await authenticateSigned(common.signed(), operation.mutating, sourceAddress, dependencies);
      if (!checked.ok) throw signatureRefusal(checked.fault);
      return checked;
    },
  };
}
