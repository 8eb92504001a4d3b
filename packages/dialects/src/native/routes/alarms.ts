import { decimalInteger, type Static, Type, trueOrFalse } from "@concordat/api-kit";
import { BASE, GET, inQuery, operation, SOURCE } from "./common.ts";
import { paging, pagingWire } from "./in-tenant.ts";
import { EXAMPLE_MSP, role, timeMs } from "./pki.ts";

const severity = Type.Union([Type.Literal("warning"), Type.Literal("major"), Type.Literal("critical")], {
  description: "warning, major or critical.",
});

const alarm = Type.Object({
  alarmId: Type.String(),
  tenantId: Type.Union([Type.String(), Type.Null()]),
  kind: Type.String(),
  resource: Type.String(),
  severity,
  message: Type.String(),
  raisedMs: timeMs,
  clearedMs: Type.Union([timeMs, Type.Null()]),
});

const finding = Type.Object({
  kind: Type.Union([Type.Literal("certificate"), Type.Literal("authority"), Type.Literal("listener")]),
  resource: Type.String({ description: "As alarms name it." }),
  mspId: Type.Union([Type.String(), Type.Null()]),
  commonName: Type.String(),
  role: Type.Union([role, Type.Null()]),
  expiresMs: timeMs,
  users: Type.Array(
    Type.Object({
      kind: Type.Union([
        Type.Literal("principal"),
        Type.Literal("channel"),
        Type.Literal("node"),
        Type.Literal("listener"),
        Type.Literal("organization"),
      ]),
      id: Type.String(),
    }),
  ),
  effect: Type.String({ description: "What stops." }),
  isRenewedHere: Type.Boolean(),
  remedy: Type.String({ description: "What to do." }),
});

const exampleFinding: Static<typeof finding> = {
  kind: "certificate",
  resource: `certificate/${EXAMPLE_MSP}/identity/5d3c19aa07`,
  mspId: EXAMPLE_MSP,
  commonName: "peer0",
  role: "peer",
  expiresMs: 1_731_536_000_000,
  users: [{ kind: "node", id: "peer0" }],
  effect: "Fabric peers, orderers and clients refuse peer0 as peer.",
  isRenewedHere: false,
  remedy: "Its holder makes a new certificate request and has it enrolled under the same name.",
};

export const alarmRoutes = {
  rehearseCertificates: operation({
    id: "native:rehearseCertificates",
    summary: "Says what would stop working until a moment because a certificate ends, when, and what to do.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/certificate-rehearsal`,
    permission: "pki:certificate:list",
    mutating: false,
    input: Type.Object({
      days: Type.Optional(Type.Integer({ minimum: 0, maximum: 36_500, description: "Days from now; 30 by default." })),
      atMs: Type.Optional(Type.Integer({ minimum: 0, description: "In place of days: milliseconds since the epoch." })),
    }),
    wire: { days: inQuery("days", decimalInteger), atMs: inQuery("atMs", decimalInteger) },
    output: Type.Object({
      atMs: timeMs,
      stops: Type.Array(finding, { description: "What stops unless somebody acts, soonest first." }),
      renewed: Type.Array(finding, { description: "What a running server renews before." }),
    }),
    errors: ["ACCESS_DENIED"],
    example: { input: { days: 90 }, output: { atMs: 1_732_000_000_000, stops: [exampleFinding], renewed: [] } },
  }),
  listAlarms: operation({
    id: "native:listAlarms",
    summary: "Conditions that somebody has to look at, latest first.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/alarms`,
    permission: "platform:alarm:list",
    mutating: false,
    input: Type.Object({
      ...paging,
      openOnly: Type.Optional(Type.Boolean({ description: "Leaves out those that were cleared." })),
      severity: Type.Optional(severity),
      kind: Type.Optional(Type.String({ maxLength: 64, description: "For instance certificate-expiry." })),
    }),
    wire: {
      ...pagingWire,
      openOnly: inQuery("openOnly", trueOrFalse),
      severity: inQuery("severity"),
      kind: inQuery("kind"),
    },
    output: Type.Object({ total: Type.Integer(), alarms: Type.Array(alarm) }),
    errors: ["ACCESS_DENIED"],
    example: {
      input: { openOnly: true },
      output: {
        total: 1,
        alarms: [
          {
            alarmId: "0605768a5300d5762fc3c00180692870",
            tenantId: "0605768a5300d5762fc3c00180692871",
            kind: "certificate-expiry",
            resource: exampleFinding.resource,
            severity: "warning",
            message: "The peer certificate peer0 expires on 2024-11-13T22:13:20Z.",
            raisedMs: 1_729_000_000_000,
            clearedMs: null,
          },
        ],
      },
    },
  }),
};
