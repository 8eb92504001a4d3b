import { ACS3_ALGORITHM } from "../signing/acs3.ts";
import { type Acs3Fault, isAcs3Fault, readAcs3Call } from "../signing/acs3-call.ts";
import type { SignatureFault, SignedCall } from "../signing/authenticate.ts";
import { rpcStringToSign } from "../signing/rpc.ts";
import { rpcHmac } from "../signing/secret-keys.ts";
import { type Call, headerOf } from "./call.ts";
import { gatewayErrors, invalidParameter, LtlRefusal, missingParameter } from "./errors.ts";

export type SignatureScheme = "rpc" | "acs3";

/** The common part of a call: which operation, and who says so. */
export interface CommonFields {
  readonly scheme: SignatureScheme;
  readonly version: string;
  readonly action: string;
  /** Looks for the signature's own fields, after version and action are found good. */
  readonly signed: () => SignedCall;
}

const NONCE_CHARACTERS_MAX = 256;

/**
 * Reads the common fields of either signature scheme. Signature version 1 covers parameters only, so action and version are taken from
 * them alone; under ACS3 both signed headers and signed parameters count, the headers first.
 * @throws LtlRefusal for what is missing, in the order Version, Action, AccessKeyId, then the signature's fields
 */
export function readCommonFields(call: Call): CommonFields {
  const authorization = headerOf(call.raw, "authorization");
  if (authorization?.startsWith(ACS3_ALGORITHM) === true) return readAcs3(call);
  return readRpc(call);
}

function readRpc(call: Call): CommonFields {
  const { values } = call;
  const version = demand(values.get("Version"), "Version");
  const action = demand(values.get("Action"), "Action");
  const accessKeyId = demand(values.get("AccessKeyId"), "AccessKeyId");
  const timestamp = demand(values.get("Timestamp") ?? values.get("TimeStamp"), "Timestamp");
  const signature = demandForSignature(values.get("Signature"), "Signature");
  const method = demandForSignature(values.get("SignatureMethod"), "SignatureMethod");
  const signatureVersion = demandForSignature(values.get("SignatureVersion"), "SignatureVersion");
  const nonce = demandForSignature(values.get("SignatureNonce"), "SignatureNonce");
  const signed = (): SignedCall => {
    if (method.toUpperCase() !== "HMAC-SHA1") throw invalid("SignatureMethod", "SignatureMethod must be HMAC-SHA1.");
    if (signatureVersion !== "1.0") throw invalid("SignatureVersion", "SignatureVersion must be 1.0.");
    checkNonce(nonce);
    return {
      accessKeyId,
      timestamp,
      nonce,
      signature,
      stringToSign: () => rpcStringToSign(call.raw.method, call.parameters),
      sign: rpcHmac,
    };
  };
  return { scheme: "rpc", version, action, signed };
}

function readAcs3(call: Call): CommonFields {
  const fromHeaderOr = (name: string, parameter: string) => headerOf(call.raw, name) ?? call.values.get(parameter);
  const version = demand(fromHeaderOr("x-acs-version", "Version"), "Version");
  const action = demand(fromHeaderOr("x-acs-action", "Action"), "Action");
  const signedCall = readAcs3Call({
    method: call.raw.method,
    path: "/",
    query: call.query,
    headerNames: Object.keys(call.raw.headers),
    header: (name) => headerOf(call.raw, name),
    body: call.raw.body,
  });
  if (isAcs3Fault(signedCall)) throw acs3Refusal(signedCall);
  const signed = (): SignedCall => {
    checkNonce(signedCall.nonce);
    const fault = signedCall.fault();
    if (fault !== undefined) throw acs3Refusal(fault);
    return signedCall;
  };
  return { scheme: "acs3", version, action, signed };
}

function acs3Refusal(fault: Acs3Fault): LtlRefusal {
  switch (fault.kind) {
    case "malformed":
      return incomplete("The Authorization header is not of the documented form.");
    case "missing":
      return fault.header === "x-acs-date"
        ? missing("Timestamp")
        : incomplete(`The header ${fault.header} is missing.`);
    case "unsigned":
      return incomplete(`The header ${fault.header} must be among the signed headers.`);
    case "wrong":
      return invalid(fault.header, `The header ${fault.header} is not the SHA-256 of the body.`);
  }
}

function incomplete(detail: string): LtlRefusal {
  return new LtlRefusal(
    gatewayErrors.signatureIncomplete,
    `The request signature does not conform to the documented standards. ${detail}`,
  );
}

function missing(name: string): LtlRefusal {
  return new LtlRefusal(missingParameter(name), `${name} is mandatory for this action.`);
}

function demand(value: string | undefined, name: string): string {
  if (value !== undefined && value !== "") return value;
  throw missing(name);
}

function demandForSignature(value: string | undefined, name: string): string {
  if (value !== undefined && value !== "") return value;
  throw incomplete(`${name} is missing.`);
}

function checkNonce(nonce: string): void {
  if (nonce.length > NONCE_CHARACTERS_MAX) {
    throw invalid("SignatureNonce", `SignatureNonce must not be longer than ${NONCE_CHARACTERS_MAX} characters.`);
  }
}

function invalid(name: string, summary: string): LtlRefusal {
  return new LtlRefusal(invalidParameter(name), summary);
}

/** A failed check in the gateway's words. Clients compare the quoted text with the one they signed, so its prefix is fixed. */
export function signatureRefusal(fault: SignatureFault): LtlRefusal {
  switch (fault.kind) {
    case "access-key-unknown":
      return new LtlRefusal(gatewayErrors.accessKeyUnknown, "Specified access key is not found.");
    case "access-key-inactive":
    case "principal-disabled":
      return new LtlRefusal(gatewayErrors.accessKeyInactive, "Specified access key is disabled.");
    case "timestamp-malformed":
      return new LtlRefusal(
        gatewayErrors.timestampMalformed,
        "Specified time stamp or date value is not well formatted.",
      );
    case "timestamp-expired":
      return new LtlRefusal(gatewayErrors.timestampExpired, "Specified time stamp or date value is expired.", {
        remedy: "Set the clock of the calling machine: it may be off by 15 minutes at most.",
      });
    case "slowed":
      return new LtlRefusal(gatewayErrors.slowed, "Request was denied due to too many wrong signatures.", {
        remedy: `Wait ${Math.ceil(fault.retryAfterMs / 1000)} seconds, and check the access key's secret.`,
      });
    case "nonce-used":
      return new LtlRefusal(gatewayErrors.nonceUsed, "Specified signature nonce was used already.");
    case "signature-wrong":
      return new LtlRefusal(
        gatewayErrors.signatureWrong,
        `Specified signature is not matched with our calculation. server string to sign is:${fault.stringToSign}`,
      );
  }
}
