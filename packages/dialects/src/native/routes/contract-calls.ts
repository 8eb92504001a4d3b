import { decimalInteger, Type } from "@concordat/api-kit";
import { BASE, GET, inBody, inQuery, operation, POST, SOURCE } from "./common.ts";
import { exampleWhich, outcome, whichContractWire } from "./contract-fields.ts";
import { channel, contract, EXAMPLE_ORGANIZATION, organization, organizations } from "./network-fields.ts";

const onePath = `${BASE}/channels/{id}/contracts/{contract}`;
const LOG_LINES_MAX = 10_000;

const call = {
  channel,
  contract,
  function: Type.String({ minLength: 1, maxLength: 256, description: "Function of the contract." }),
  args: Type.Optional(
    Type.Array(Type.String(), { maxItems: 256, description: "Its arguments, in their order; none by default." }),
  ),
  transient: Type.Optional(
    Type.Record(Type.String(), Type.String({ contentEncoding: "base64" }), {
      description:
        "Handed to the contract and not recorded: base64 by name. On the command line name=value, or name=@file.",
    }),
  ),
  organization: Type.Optional(
    organization(
      "MSP id that calls; by default the caller's own if it is on the channel, else the first of its tenant's.",
    ),
  ),
  endorsingOrganizations: Type.Optional(
    organizations("MSP ids whose peers endorse; by default those that the contract's policy needs."),
  ),
};
const callWire = {
  ...whichContractWire,
  function: inBody("function"),
  args: inBody("args"),
  transient: inBody("transient"),
  organization: inBody("organization"),
  endorsingOrganizations: inBody("endorsingOrganizations"),
};
const callCommand = { named: true, repeated: ["args"] } as const;
const errors = [
  "ACCESS_DENIED",
  "CHANNEL_UNKNOWN",
  "CONTRACT_UNKNOWN",
  "CONTRACT_CALL_INVALID",
  "CONTRACT_CALL_REFUSED",
  "CONTRACT_NOT_RUNNING",
  "CERTIFICATE_NOT_USABLE",
  "ORGANIZATION_UNKNOWN",
  "NETWORK_NOT_READY",
  "NODE_NOT_STARTED",
  "FABRIC_UNAVAILABLE",
  "LEDGER_UNAVAILABLE",
] as const;

export const contractCallRoutes = {
  invokeContract: operation({
    id: "native:invokeContract",
    summary:
      "Calls a contract and records the transaction: endorsed, ordered and judged. The verdict is in the answer.",
    source: SOURCE,
    methods: POST,
    path: `${onePath}/invocations`,
    permission: "network:contract:invoke",
    mutating: true,
    command: callCommand,
    input: Type.Object(call),
    wire: callWire,
    output: outcome,
    errors: [...errors, "OUTCOME_UNKNOWN"],
    example: {
      input: { ...exampleWhich, function: "put", args: ["a", "1"], organization: EXAMPLE_ORGANIZATION },
      output: {
        txId: "7d85079e0dcd4135abf4c8923da17a40d51e3b1751e0836713efd1aac32df20d",
        block: 4,
        validationCode: "VALID",
        result: "",
        resultIsBase64: false,
      },
    },
  }),
  queryContract: operation({
    id: "native:queryContract",
    summary: "Calls a contract on one peer and answers its result; nothing is recorded.",
    source: SOURCE,
    methods: POST,
    path: `${onePath}/queries`,
    permission: "network:contract:query",
    mutating: false,
    command: callCommand,
    input: Type.Object(call),
    wire: callWire,
    output: Type.Object({ result: outcome.properties.result, resultIsBase64: Type.Boolean() }),
    errors,
    example: {
      input: { ...exampleWhich, function: "get", args: ["a"] },
      output: { result: "1", resultIsBase64: false },
    },
  }),
  listContractLogs: operation({
    id: "native:listContractLogs",
    summary: "The last lines that a contract's processes printed, and what their supervisor says, oldest first.",
    source: SOURCE,
    methods: GET,
    path: `${onePath}/logs`,
    permission: "network:contract:logs",
    mutating: false,
    command: { verb: "logs", named: true },
    input: Type.Object({
      channel,
      contract,
      organization: Type.Optional(organization("MSP id; all that are the caller's tenant's by default.")),
      lines: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: LOG_LINES_MAX,
          description: `The last so many, of all organizations together, at most ${LOG_LINES_MAX}; 100 by default.`,
        }),
      ),
    }),
    wire: { ...whichContractWire, organization: inQuery("organization"), lines: inQuery("lines", decimalInteger) },
    output: Type.Object({
      lines: Type.Array(
        Type.Object({
          mspId: Type.String(),
          timeMs: Type.Integer(),
          stream: Type.Union([Type.Literal("stdout"), Type.Literal("stderr"), Type.Literal("supervisor")]),
          text: Type.String(),
        }),
      ),
    }),
    errors: [
      "ACCESS_DENIED",
      "CHANNEL_UNKNOWN",
      "NETWORK_NOT_READY",
      "CONTRACT_UNKNOWN",
      "ORGANIZATION_UNKNOWN",
      "FABRIC_UNAVAILABLE",
    ],
    example: {
      input: { ...exampleWhich, lines: 100 },
      output: {
        lines: [
          {
            mspId: EXAMPLE_ORGANIZATION,
            timeMs: 1_700_000_000_000,
            stream: "supervisor",
            text: "started",
          },
        ],
      },
    },
  }),
};
