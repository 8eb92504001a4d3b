import { ConcordatError, isConcordatError } from "@concordat/base";

/**
 * Refusals of the gateway in front of every service of this family: authentication, routing, throttling.
 * @source API Gateway error codes; facts on client behaviour: `error_code` and `error_msg` are what the SDKs read
 */
export const gatewayErrors = {
  apiUnknown: { status: 404, code: "APIGW.0101" },
  requestInvalid: { status: 400, code: "APIGW.0201" },
  bodyTooLarge: { status: 413, code: "APIGW.0201" },
  authentication: { status: 401, code: "APIGW.0301" },
  notAuthorized: { status: 403, code: "APIGW.0302" },
  throttled: { status: 429, code: "APIGW.0308" },
} as const satisfies Record<string, GatewayError>;

export interface GatewayError {
  readonly status: number;
  readonly code: `APIGW.${string}`;
}

/** A refusal in the gateway's form. */
export class GatewayRefusal extends ConcordatError<"GATEWAY_REFUSED"> {
  readonly answer: GatewayError;

  constructor(answer: GatewayError, summary: string, cause?: unknown) {
    super({ code: "GATEWAY_REFUSED", summary, cause });
    this.answer = answer;
  }
}

/** The texts that follow "Incorrect IAM authentication information: ", as clients and their users know them. */
export const authenticationTails = {
  credentialsMissing: "x-auth-token not found",
  tokenWrong: "decrypt token fail",
  keyUnknown: (accessKeyId: string) => `ak ${accessKeyId} not exist`,
  keyInactive: (accessKeyId: string) => `Get secretKey failed,ak:${accessKeyId},err:ak not exist`,
  keySlowed: "AK access failed to reach the limit,forbidden",
  signatureExpired: (signatureTime: string, serverTime: string) =>
    `calc aksk signature fail:signature expired, signature time:${signatureTime},server time:${serverTime}`,
  /** What keeps the signature from being computed at all. */
  signatureIncomplete: (detail: string) => `calc aksk signature fail:${detail}`,
  /** Line breaks become bars, as the gateway shows them. The text holds what the caller itself sent, and no secret. */
  signatureDiffers: (canonicalRequest: string) =>
    `verify aksk signature fail, canonicalRequest:${canonicalRequest.replaceAll("\n", "|")}`,
  signatureUsed: "verify aksk signature fail, the signature was used before: sign the request anew",
} as const;

export function authenticationRefusal(tail: string, cause?: unknown): GatewayRefusal {
  return new GatewayRefusal(gatewayErrors.authentication, `Incorrect IAM authentication information: ${tail}`, cause);
}

export function missingCredentials(): GatewayRefusal {
  return authenticationRefusal(authenticationTails.credentialsMissing);
}

/** Wrong credentials in the gateway's words; whatever else went wrong keeps its own. */
export function credentialRefusal(error: unknown, tail: string): unknown {
  if (!isConcordatError(error)) return error;
  switch (error.code) {
    case "CREDENTIALS_SLOWED":
      return authenticationRefusal(authenticationTails.keySlowed, error);
    case "CREDENTIALS_WRONG":
    case "PRINCIPAL_DISABLED":
      return authenticationRefusal(tail, error);
    default:
      return error;
  }
}
