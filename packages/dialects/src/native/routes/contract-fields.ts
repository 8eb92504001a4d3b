import { type Static, Type } from "@concordat/api-kit";
import { inBody, inPath } from "./common.ts";
import { channel, contract, EXAMPLE_CHANNEL, EXAMPLE_ORGANIZATION } from "./network-fields.ts";
import { timeMs } from "./pki.ts";

const textOrNull = Type.Union([Type.String(), Type.Null()]);
const version = Type.String({
  pattern: "^[A-Za-z0-9_.+-]{1,64}$",
  description: "Version: letters, digits and _.+-.",
});
const sequence = Type.Integer({ minimum: 1, description: "From 1; each commit takes the next." });
const endorsementPolicy = Type.String({
  minLength: 1,
  maxLength: 4096,
  description:
    "Who must endorse: OR('Org1MSP.peer','Org2MSP.peer'), or a channel policy's path; the channel's majority by default.",
});
const initRequired = Type.Boolean({ description: "Its first call must be its initialisation." });

/** What organizations agree on about a contract. */
export const definition = {
  channel,
  contract,
  version,
  sequence,
  endorsementPolicy: Type.Optional(endorsementPolicy),
  initRequired: Type.Optional(initRequired),
};
export const whichContractWire = { channel: inPath("id"), contract: inPath("contract") };
export const definitionWire = {
  ...whichContractWire,
  version: inBody("version"),
  sequence: inBody("sequence"),
  endorsementPolicy: inBody("endorsementPolicy"),
  initRequired: inBody("initRequired"),
};

const runtime = Type.Union([Type.Literal("node"), Type.Literal("ccaas"), Type.Literal("golang"), Type.Literal("java")]);
const installed = {
  packageId: Type.String({ description: "<label>:<SHA-256 of the package>." }),
  label: Type.String(),
  runtime,
  sizeBytes: Type.Integer(),
  installedMs: timeMs,
};
export const installedAnswer = Type.Object(installed);
export const installedOnNode = Type.Object({ ...installed, nodeId: Type.String(), mspId: Type.String() });

export const contractStatus = Type.Object({
  mspId: Type.String(),
  packageId: Type.String(),
  state: Type.Union([
    Type.Literal("stopped"),
    Type.Literal("building"),
    Type.Literal("starting"),
    Type.Literal("running"),
    Type.Literal("backing-off"),
    Type.Literal("failed"),
  ]),
  reason: Type.Union([Type.String(), Type.Null()], { description: "Why it failed or backs off." }),
  sinceMs: timeMs,
  processId: Type.Union([Type.Integer(), Type.Null()]),
  restarts: Type.Integer(),
  sandbox: Type.Union([Type.Literal("bubblewrap"), Type.Literal("separate-user"), Type.Literal("none"), Type.Null()]),
});

export const contractAnswer = Type.Object({
  channelId: Type.String(),
  name: Type.String(),
  version: Type.String(),
  sequence: Type.Integer({ description: "0 for a contract that is built in." }),
  endorsementPolicy: Type.String(),
  initRequired: Type.Boolean(),
  isBuiltIn: Type.Boolean(),
  organizations: Type.Array(
    Type.Object({
      mspId: Type.String(),
      packageId: textOrNull,
      status: Type.Union([contractStatus, Type.Null()]),
    }),
  ),
});

export const outcome = Type.Object({
  txId: Type.String(),
  block: Type.Integer(),
  validationCode: Type.String({ description: "Fabric's name of the verdict. Only VALID changed the state." }),
  result: Type.String({ description: "Text, or base64 where the result is no UTF-8." }),
  resultIsBase64: Type.Boolean(),
});

export const EXAMPLE_PACKAGE_ID = "basic_1.0:ea8752787f79be085d9ee244a1b9ed0deb198903a14b9b1a6800b20fbf0d1c52";
export const exampleWhich = { channel: EXAMPLE_CHANNEL, contract: "basic" };
export const exampleDefinition = { ...exampleWhich, version: "1.0", sequence: 1 };
export const exampleInstalled: Static<typeof installedAnswer> = {
  packageId: EXAMPLE_PACKAGE_ID,
  label: "basic_1.0",
  runtime: "node",
  sizeBytes: 18_211,
  installedMs: 1_700_000_000_000,
};
export const exampleStatus: Static<typeof contractStatus> = {
  mspId: EXAMPLE_ORGANIZATION,
  packageId: EXAMPLE_PACKAGE_ID,
  state: "running",
  reason: null,
  sinceMs: 1_700_000_000_000,
  processId: 4711,
  restarts: 0,
  sandbox: "bubblewrap",
};
export const exampleContract: Static<typeof contractAnswer> = {
  channelId: EXAMPLE_CHANNEL,
  name: "basic",
  version: "1.0",
  sequence: 1,
  endorsementPolicy: "/Channel/Application/Endorsement",
  initRequired: false,
  isBuiltIn: false,
  organizations: [{ mspId: EXAMPLE_ORGANIZATION, packageId: EXAMPLE_PACKAGE_ID, status: exampleStatus }],
};
