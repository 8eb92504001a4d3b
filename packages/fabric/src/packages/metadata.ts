import { bytesToUtf8 } from "@concordat/base";
import type { ContractRuntime } from "../ports.ts";
import { LABEL_LENGTH_MAX, METADATA_BYTES_MAX } from "./limits.ts";
import { packageInvalid } from "./package-errors.ts";

/** metadata.json of a package. */
export interface PackageMetadata {
  readonly type: string;
  readonly path: string;
  readonly label: string;
}

/** Fabric's rule for labels. @source fabric core/chaincode/persistence/chaincode_package.go, LabelRegexp */
export const labelPattern = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;

const runtimes: Readonly<Record<string, ContractRuntime>> = {
  node: "node",
  ccaas: "ccaas",
  external: "ccaas",
  golang: "golang",
  java: "java",
};

/** @throws FabricError PACKAGE_INVALID */
export function checkedLabel(label: unknown): string {
  if (typeof label !== "string" || label.length > LABEL_LENGTH_MAX || !labelPattern.test(label)) {
    throw packageInvalid(
      `its label must be letters, digits and _ . + -, begin with a letter or digit, and have at most ${LABEL_LENGTH_MAX} characters`,
    );
  }
  return label;
}

/** As Fabric, types are compared without regard to case. @throws FabricError PACKAGE_INVALID */
export function runtimeOfType(type: unknown): ContractRuntime {
  const runtime =
    typeof type === "string" ? Object.entries(runtimes).find(([name]) => name === type.toLowerCase()) : undefined;
  if (runtime === undefined) {
    throw packageInvalid(`its type must be one of ${Object.keys(runtimes).join(", ")}`);
  }
  return runtime[1];
}

/** Further fields are ignored, as Fabric does. @throws FabricError PACKAGE_INVALID */
export function parseMetadata(bytes: Uint8Array): PackageMetadata & { readonly runtime: ContractRuntime } {
  if (bytes.length > METADATA_BYTES_MAX) throw packageInvalid("its metadata.json is too long");
  let value: unknown;
  try {
    value = JSON.parse(bytesToUtf8(bytes));
  } catch (error) {
    throw packageInvalid("its metadata.json is not JSON", error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw packageInvalid("its metadata.json is not an object");
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const path = fields.get("path") ?? "";
  if (typeof path !== "string") throw packageInvalid("the path in its metadata.json is not text");
  const type = fields.get("type");
  const runtime = runtimeOfType(type);
  return { type: String(type), path, label: checkedLabel(fields.get("label")), runtime };
}
