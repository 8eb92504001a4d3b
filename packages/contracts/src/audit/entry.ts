/**
 * An entry of the audit trail in the form that stands on the ledger: JSON with the members below in ascending order, the members of
 * `detail` in ascending order at every depth too, and no white space. One event has one text, so that a copy kept elsewhere can be compared
 * with the ledger by its bytes or its hash.
 */
export interface AuditEntryJson {
  readonly action: string;
  readonly credentialId: string | null;
  readonly credentialKind: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  /** 32 lower-case hex digits. */
  readonly entryId: string;
  readonly occurrences: number;
  readonly outcome: "done" | "refused" | "failed";
  readonly requestId: string | null;
  readonly resourceId: string;
  readonly resourceKind: string;
  readonly sourceAddress: string | null;
  readonly tenantId: string | null;
  readonly timeMs: number;
  readonly uid: string | null;
}

export const auditLimits = {
  entryBytesMax: 65_536,
  entriesMax: 200,
} as const;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isTextOrNull: Check = (value) => value === null || isText(value);
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const members: { readonly [Name in keyof AuditEntryJson]: Check } = {
  action: isText,
  credentialId: isTextOrNull,
  credentialKind: isTextOrNull,
  detail: isObject,
  entryId: (value) => typeof value === "string" && isEntryId(value),
  occurrences: isCount,
  outcome: (value) => value === "done" || value === "refused" || value === "failed",
  requestId: isTextOrNull,
  resourceId: isText,
  resourceKind: isText,
  sourceAddress: isTextOrNull,
  tenantId: isTextOrNull,
  timeMs: isCount,
  uid: isTextOrNull,
};

export function isEntryId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

export function auditEntryToText(entry: AuditEntryJson): string {
  return JSON.stringify(entry, withSortedMembers);
}

/** Answers undefined when the text is not an entry in the one form that it may have. */
export function parseAuditEntry(text: string): AuditEntryJson | undefined {
  if (Buffer.byteLength(text) > auditLimits.entryBytesMax) return undefined;
  const value = parseJson(text);
  if (!isObject(value) || Object.keys(value).length !== Object.keys(members).length) return undefined;
  if (!Object.entries(members).every(([name, check]) => check(value[name]))) return undefined;
  // Every member was checked above.
  const entry = value as unknown as AuditEntryJson;
  return auditEntryToText(entry) === text ? entry : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withSortedMembers(_name: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
