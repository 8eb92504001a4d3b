import { authenticateBy, type CompiledOperation } from "@concordat/api-kit";
import { missingCredentials } from "../gateway-errors.ts";
import type { HuaweiCaller, HuaweiRequest } from "./huawei-request.ts";
import { type SignatureSchemeDependencies, signatureScheme } from "./signature-scheme.ts";
import { tokenScheme } from "./token-scheme.ts";

export type HuaweiAuthenticatorDependencies = SignatureSchemeDependencies;

/**
 * Recognises the callers of every API of this family.
 * @throws GatewayRefusal 401 for missing, malformed, expired, unknown or wrong credentials; 403 when X-Project-Id or X-Domain-Id names what
 * the credential was not given for; 413
 */
export type HuaweiAuthenticator = (request: HuaweiRequest, operation: CompiledOperation) => Promise<HuaweiCaller>;

/**
 * Makes the authenticator. A request with an `SDK-` signature in Authorization is judged by it alone: a token beside it is not looked at,
 * so that neither can stand in for the other.
 */
export function huaweiAuthenticator(dependencies: HuaweiAuthenticatorDependencies): HuaweiAuthenticator {
  return authenticateBy([signatureScheme(dependencies), tokenScheme(dependencies.platform)], missingCredentials);
}
