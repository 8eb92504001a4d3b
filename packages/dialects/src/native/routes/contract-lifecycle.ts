import { decimalInteger, Type, trueOrFalse } from "@concordat/api-kit";
import { BASE, GET, inBody, inQuery, operation, POST, SOURCE } from "./common.ts";
import {
  contractAnswer,
  definition,
  definitionWire,
  EXAMPLE_PACKAGE_ID,
  exampleContract,
  exampleDefinition,
  outcome,
  whichContractWire,
} from "./contract-fields.ts";
import { EXAMPLE_ORGANIZATION, organization } from "./network-fields.ts";

const onePath = `${BASE}/channels/{id}/contracts/{contract}`;
const actingAs = organization("MSP id that acts; by default the caller's own, else the first of its tenant's.");
const errors = [
  "ACCESS_DENIED",
  "CHANNEL_UNKNOWN",
  "NETWORK_NOT_READY",
  "ORGANIZATION_UNKNOWN",
  "CONTRACT_DEFINITION_INVALID",
  "CONTRACT_CALL_REFUSED",
  "CERTIFICATE_NOT_USABLE",
  "NODE_NOT_STARTED",
  "FABRIC_UNAVAILABLE",
  "LEDGER_UNAVAILABLE",
] as const;

export const contractLifecycleRoutes = {
  approveContract: operation({
    id: "native:approveContract",
    summary: "Approves a contract's definition for an organization.",
    source: SOURCE,
    methods: POST,
    path: `${onePath}/approvals`,
    permission: "network:contract:approve",
    mutating: true,
    command: { named: true },
    input: Type.Object({
      ...definition,
      organization: Type.Optional(actingAs),
      packageId: Type.Optional(
        Type.String({
          pattern: "^[A-Za-z0-9][A-Za-z0-9_.+-]*:[0-9a-f]{64}$",
          maxLength: 256,
          description: "Package that the organization runs; without one it endorses nothing.",
        }),
      ),
    }),
    wire: { ...definitionWire, organization: inBody("organization"), packageId: inBody("packageId") },
    output: outcome,
    errors: [...errors, "CONTRACT_PACKAGE_UNKNOWN"],
    example: {
      input: { ...exampleDefinition, organization: EXAMPLE_ORGANIZATION, packageId: EXAMPLE_PACKAGE_ID },
      output: {
        txId: "7d85079e0dcd4135abf4c8923da17a40d51e3b1751e0836713efd1aac32df20d",
        block: 3,
        validationCode: "VALID",
        result: "",
        resultIsBase64: false,
      },
    },
  }),
  checkContractReadiness: operation({
    id: "native:checkContractReadiness",
    summary: "Which organizations have approved exactly this definition, and whether that is enough to commit it.",
    source: SOURCE,
    methods: GET,
    path: `${onePath}/readiness`,
    permission: "network:contract:list",
    mutating: false,
    command: { verb: "readiness", named: true },
    input: Type.Object(definition),
    wire: {
      ...whichContractWire,
      version: inQuery("version"),
      sequence: inQuery("sequence", decimalInteger),
      endorsementPolicy: inQuery("endorsementPolicy"),
      initRequired: inQuery("initRequired", trueOrFalse),
    },
    output: Type.Object({
      approvals: Type.Record(Type.String(), Type.Boolean(), { description: "By MSP id." }),
      ready: Type.Boolean(),
    }),
    errors,
    example: {
      input: exampleDefinition,
      output: { approvals: { [EXAMPLE_ORGANIZATION]: true, Org2MSP: false }, ready: false },
    },
  }),
  commitContract: operation({
    id: "native:commitContract",
    summary: "Commits a definition that enough organizations approved, and starts the contract where it is installed.",
    source: SOURCE,
    methods: POST,
    path: `${onePath}/commits`,
    permission: "network:contract:commit",
    mutating: true,
    command: { named: true },
    input: Type.Object({ ...definition, organization: Type.Optional(actingAs) }),
    wire: { ...definitionWire, organization: inBody("organization") },
    output: contractAnswer,
    errors,
    example: { input: exampleDefinition, output: exampleContract },
  }),
};
