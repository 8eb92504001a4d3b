import { FabricError } from "../errors.ts";

const FORM_REMEDY =
  "A package is a gzip-compressed tar file (or a zip file) of exactly metadata.json and code.tar.gz, as `peer lifecycle chaincode package` makes it.";

/** @param what completes the sentence "The package is not accepted: ..." */
export function packageInvalid(what: string, cause?: unknown): FabricError {
  return new FabricError("PACKAGE_INVALID", `The package is not accepted: ${what}.`, {
    remedy: FORM_REMEDY,
    facts: { reason: what },
    ...(cause === undefined ? {} : { cause }),
  });
}

export function packageTooLarge(what: string): FabricError {
  return new FabricError("PACKAGE_TOO_LARGE", `The package is too large: ${what}.`, { facts: { reason: what } });
}

export function packageUnknown(packageId: string): FabricError {
  return new FabricError("PACKAGE_UNKNOWN", `No package "${packageId}" is installed.`, { facts: { packageId } });
}
