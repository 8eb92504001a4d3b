import { isContractName } from "../encoding/names.ts";
import { LIFECYCLE_NAMESPACE } from "./definitions.ts";
import type { NamespaceResults } from "./ports.ts";
import type { ReadResults } from "./results.ts";
import { TX_VALIDATION_CODE as CODE, type TxValidationCode } from "./validation-code.ts";

/** Fabric's system contracts besides `_lifecycle`: nobody writes below their names. */
const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(["cscc", "escc", "lscc", "qscc", "vscc"]);

/** What is wrong with a read-write set whatever the state is. Undefined: nothing. */
export function resultsFault({ namespaces, hasCollections }: ReadResults): TxValidationCode | undefined {
  if (hasCollections) return CODE.ILLEGAL_WRITESET;
  const names = new Set(namespaces.map((entry) => entry.namespace));
  if (names.size < namespaces.length) return CODE.ILLEGAL_WRITESET;
  for (const entry of namespaces) {
    const fault = namespaceFault(entry);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function namespaceFault(entry: NamespaceResults): TxValidationCode | undefined {
  // Rows of other namespaces (metadata has one) are not to be reached from outside.
  if (!isContractNamespace(entry.namespace)) return CODE.ILLEGAL_WRITESET;
  if (hasRepeatedKey(entry.reads)) return CODE.BAD_RWSET;
  if (hasRepeatedKey(entry.writes) || hasRepeatedKey(entry.metadataWrites)) return CODE.INVALID_WRITESET;
  if (entry.writes.some(({ key }) => key === "")) return CODE.INVALID_WRITESET;
  if (entry.metadataWrites.length === 0) return undefined;
  const written = new Set(entry.writes.map(({ key }) => key));
  const stray = entry.metadataWrites.some(
    ({ key, entries }) => !written.has(key) || new Set(entries.map(({ name }) => name)).size < entries.length,
  );
  return stray ? CODE.INVALID_WRITESET : undefined;
}

function isContractNamespace(namespace: string): boolean {
  return namespace === LIFECYCLE_NAMESPACE || (isContractName(namespace) && !SYSTEM_NAMESPACES.has(namespace));
}

function hasRepeatedKey(items: readonly { readonly key: string }[]): boolean {
  return items.length > 1 && new Set(items.map(({ key }) => key)).size < items.length;
}

/** Whether a name is kept for a system contract. */
export function isSystemName(name: string): boolean {
  return name === LIFECYCLE_NAMESPACE || SYSTEM_NAMESPACES.has(name);
}
