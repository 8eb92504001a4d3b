import { type Authenticator, authenticateBy } from "@concordat/api-kit";
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
  // Every mutating call of this API is one transaction, made with the call's own nonce.
  const dependencies = { ...parts, ledgerBound: true };
  return authenticateBy<LtlCaller, LtlRequest>(
    [authenticator("rpc", dependencies), authenticator("acs3", dependencies)],
    // Every call that could be read has one of the two.
    () => new LtlRefusal(gatewayErrors.signatureIncomplete, "The request is not signed."),
  );
}

function authenticator(
  scheme: SignatureScheme,
  dependencies: SignatureDependencies,
): Authenticator<LtlCaller, LtlRequest> {
  return {
    scheme,
    recognizes: ({ common }) => common.scheme === scheme,
    async authenticate({ common, sourceAddress }, { operation }) {
      const checked = await authenticateSigned(common.signed(), operation.mutating, sourceAddress, dependencies);
      if (!checked.ok) throw signatureRefusal(checked.fault);
      return checked;
    },
  };
}
