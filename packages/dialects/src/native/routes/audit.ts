import { decimalInteger, Type, trueOrFalse } from "@concordat/api-kit";
import { platformLimits } from "@concordat/platform/limits";
import { BASE, EXAMPLE_TX, GET, inPath, inQuery, operation, SOURCE } from "./common.ts";
import { exampleMs, exampleTenantId, exampleUid, tenantId } from "./in-tenant.ts";
import { envelope, exampleReceipt, receipt } from "./receipts.ts";

const textOrNull = Type.Union([Type.String(), Type.Null()]);
const entryId = Type.String({ pattern: "^[0-9a-f]{32}$", description: "Audit entry id: 32 hex digits." });
const outcome = Type.Union([Type.Literal("done"), Type.Literal("refused"), Type.Literal("failed")], {
  description: "done, refused or failed.",
});

const auditEntry = Type.Object({
  entryId: Type.String(),
  timeMs: Type.Integer({ description: "Milliseconds since the epoch." }),
  tenantId: textOrNull,
  uid: textOrNull,
  credential: Type.Union([Type.Object({ kind: Type.String(), id: Type.String() }), Type.Null()]),
  sourceAddress: textOrNull,
  requestId: textOrNull,
  action: Type.String(),
  resource: Type.Object({ kind: Type.String(), id: Type.String() }),
  outcome,
  occurrences: Type.Integer({ description: "Of an aggregate: how many alike." }),
  detail: Type.Record(Type.String(), Type.Unknown()),
  txId: Type.Union([Type.String(), Type.Null()], {
    description: "The transaction on the audit channel; null until it is there, which takes moments.",
  }),
  digest: Type.String({ description: "SHA-256, hex, of the entry's text in that transaction." }),
});

const exampleEntry = {
  entryId: "018bcfe568002f6d1c0b9a7e5d4c3b2a",
  timeMs: exampleMs,
  tenantId: exampleTenantId,
  uid: exampleUid,
  credential: { kind: "access-key", id: "LTAI5tExample" },
  sourceAddress: "192.0.2.7",
  requestId: "1D1E0A26-0F35-4B8C-9E2B-3C8A4F1A9B11",
  action: "iam:user:create",
  resource: { kind: "user", id: "2000000000000002" },
  outcome: "done" as const,
  occurrences: 1,
  detail: { name: "sensor" },
  txId: EXAMPLE_TX,
  digest: EXAMPLE_TX,
};

export const auditRoutes = {
  listAuditEntries: operation({
    id: "native:listAuditEntries",
    summary:
      "Who did what, newest first: of every tenant and of the installation for those who may see them, else of the caller's tenant. Entries that come in meanwhile do not shift the pages.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/audit-entries`,
    permission: "platform:audit:list",
    mutating: false,
    input: Type.Object({
      tenantId: Type.Optional(tenantId),
      fromMs: Type.Optional(Type.Integer({ minimum: 0, description: "Milliseconds since the epoch, included." })),
      toMs: Type.Optional(Type.Integer({ minimum: 0, description: "Milliseconds since the epoch, included." })),
      actorUid: Type.Optional(Type.String({ pattern: "^[0-9]{16}$", description: "Who did it: 16 decimal digits." })),
      action: Type.Optional(
        Type.String({ minLength: 1, maxLength: 128, description: "The action or what it begins with: iam:user:." }),
      ),
      resourceKind: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: "Kind of resource." })),
      resourceId: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: "Id of the resource." })),
      outcome: Type.Optional(outcome),
      requestId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 128,
          description: "What one call did: the X-Request-Id of its answer.",
        }),
      ),
      after: Type.Optional(entryId),
      pageSize: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: platformLimits.auditPageSizeMax,
          description: `Entries, at most ${platformLimits.auditPageSizeMax}, which is the default.`,
        }),
      ),
    }),
    wire: {
      tenantId: inQuery("tenantId"),
      fromMs: inQuery("fromMs", decimalInteger),
      toMs: inQuery("toMs", decimalInteger),
      actorUid: inQuery("actorUid"),
      action: inQuery("action"),
      resourceKind: inQuery("resourceKind"),
      resourceId: inQuery("resourceId"),
      outcome: inQuery("outcome"),
      requestId: inQuery("requestId"),
      after: inQuery("after"),
      pageSize: inQuery("pageSize", decimalInteger),
    },
    output: Type.Object({
      auditEntries: Type.Array(auditEntry),
      next: Type.Optional(
        Type.String({ description: "To be given as `after` for the next page; absent on the last." }),
      ),
    }),
    errors: ["ACCESS_DENIED"],
    example: { input: { action: "iam:" }, output: { auditEntries: [exampleEntry], next: exampleEntry.entryId } },
  }),
  getAuditEntry: operation({
    id: "native:getAuditEntry",
    summary: "An entry of the audit trail.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/audit-entries/{id}`,
    permission: "platform:audit:get",
    mutating: false,
    input: Type.Object({ entryId }),
    wire: { entryId: inPath("id") },
    output: auditEntry,
    errors: ["ACCESS_DENIED", "AUDIT_ENTRY_UNKNOWN"],
    example: { input: { entryId: exampleEntry.entryId }, output: exampleEntry },
  }),
  getAuditReceipt: operation({
    id: "native:getAuditReceipt",
    summary: "The receipt of the transaction that holds an audit entry. It verifies like every other.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/audit-entries/{id}/receipt`,
    permission: "platform:audit:get",
    mutating: false,
    input: Type.Object({ entryId, envelope }),
    wire: { entryId: inPath("id"), envelope: inQuery("envelope", trueOrFalse) },
    output: receipt,
    errors: ["ACCESS_DENIED", "AUDIT_ENTRY_UNKNOWN", "AUDIT_ENTRY_PENDING"],
    example: { input: { entryId: exampleEntry.entryId }, output: exampleReceipt },
  }),
};
