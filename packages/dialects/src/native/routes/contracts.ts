import { fileContent, Type } from "@concordat/api-kit";
import { BASE, GET, inBody, inPath, operation, POST, SOURCE } from "./common.ts";
import {
  contractAnswer,
  contractStatus,
  exampleContract,
  exampleInstalled,
  exampleStatus,
  exampleWhich,
  installedAnswer,
  installedOnNode,
  whichContractWire,
} from "./contract-fields.ts";
import {
  channel,
  contract,
  EXAMPLE_CHANNEL,
  EXAMPLE_ORGANIZATION,
  exampleNode,
  network,
  organization,
  organizations,
} from "./network-fields.ts";

const change = (verb: "start" | "stop", summary: string) =>
  operation({
    id: `native:${verb}Contract`,
    summary,
    source: SOURCE,
    methods: POST,
    path: `${BASE}/channels/{id}/contracts/{contract}/${verb}`,
    permission: `network:contract:${verb}`,
    mutating: true,
    command: { named: true },
    input: Type.Object({
      channel,
      contract,
      organization: Type.Optional(
        organization("MSP id; all organizations of the channel that are the caller's tenant's by default."),
      ),
    }),
    wire: { ...whichContractWire, organization: inBody("organization") },
    output: Type.Object({ statuses: Type.Array(contractStatus) }),
    errors: [
      "ACCESS_DENIED",
      "CHANNEL_UNKNOWN",
      "NETWORK_NOT_READY",
      "CONTRACT_UNKNOWN",
      "CONTRACT_PACKAGE_UNKNOWN",
      "ORGANIZATION_UNKNOWN",
      "FABRIC_UNAVAILABLE",
    ],
    example: {
      input: exampleWhich,
      output: {
        statuses: [verb === "start" ? exampleStatus : { ...exampleStatus, state: "stopped", processId: null }],
      },
    },
  });

export const contractRoutes = {
  installContract: operation({
    id: "native:installContract",
    summary:
      "Installs a contract package on the peers of organizations: Fabric's format (tar.gz) or a zip. The same package again changes nothing.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/networks/{id}/contracts`,
    permission: "network:contract:install",
    mutating: true,
    takesFile: true,
    command: { named: true },
    input: Type.Object({
      network,
      file: fileContent({ description: "The package.", mediaType: "application/gzip" }),
      organizations: Type.Optional(
        organizations("MSP ids of the network; all that are the caller's tenant's by default."),
      ),
    }),
    wire: { network: inPath("id"), file: inBody("file"), organizations: inBody("organizations") },
    output: installedAnswer,
    errors: [
      "ACCESS_DENIED",
      "NETWORK_UNKNOWN",
      "ORGANIZATION_UNKNOWN",
      "NODE_UNKNOWN",
      "NODE_NOT_STARTED",
      "CONTRACT_PACKAGE_INVALID",
      "FABRIC_UNAVAILABLE",
      "OVERLOADED",
    ],
    example: {
      input: { network: "demo", file: "H4sIAAAAAAAAAwMAAAAAAAAAAAA=", organizations: [EXAMPLE_ORGANIZATION] },
      output: exampleInstalled,
    },
  }),
  listInstalledContracts: operation({
    id: "native:listInstalledContracts",
    summary: "The packages that are installed on a network's peers, whether a channel uses them or not.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/networks/{id}/contracts`,
    permission: "network:contract:list",
    mutating: false,
    input: Type.Object({ network }),
    wire: { network: inPath("id") },
    output: Type.Object({ packages: Type.Array(installedOnNode) }),
    errors: ["ACCESS_DENIED", "NETWORK_UNKNOWN", "FABRIC_UNAVAILABLE"],
    example: {
      input: { network: "demo" },
      output: { packages: [{ ...exampleInstalled, nodeId: exampleNode.nodeId, mspId: EXAMPLE_ORGANIZATION }] },
    },
  }),
  listContracts: operation({
    id: "native:listContracts",
    summary: "The contracts of a channel, built-in ones too, and how each organization runs them, with the reason.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/channels/{id}/contracts`,
    permission: "network:contract:list",
    mutating: false,
    command: { named: true },
    input: Type.Object({ channel }),
    wire: { channel: inPath("id") },
    output: Type.Object({ contracts: Type.Array(contractAnswer) }),
    errors: ["ACCESS_DENIED", "CHANNEL_UNKNOWN", "NETWORK_NOT_READY"],
    example: { input: { channel: EXAMPLE_CHANNEL }, output: { contracts: [exampleContract] } },
  }),
  startContract: change("start", "Starts a contract's processes. One that fails to start says why."),
  stopContract: change("stop", "Stops a contract's processes; a call starts them again."),
};
