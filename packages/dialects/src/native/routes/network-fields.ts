import { type Static, Type } from "@concordat/api-kit";
import { platformLimits } from "@concordat/platform/limits";
import { mspId, timeMs } from "./pki.ts";

/** Fields and answers that networks, their channels and their contracts share. */
export const network = Type.String({
  pattern: "^[a-z0-9-]{1,48}$",
  description: "Network: its id, or its name where only one that the caller may see has it.",
});
export const node = Type.String({
  pattern: "^[a-z0-9.-]{1,255}$",
  description: "Node: its id, or its name.",
});
/** Stricter than other channels' ids: Fabric's rule for channels that its clients name. */
export const channel = Type.String({
  pattern: "^[a-z][a-z0-9.-]{0,63}$",
  description: "Channel: a lower-case letter, then at most 63 lower-case letters, digits, dots and hyphens.",
});
export const contract = Type.String({
  pattern: "^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$",
  maxLength: 64,
  description: "Contract: the chaincode's name.",
});
export const organizations = (description: string) =>
  Type.Array(mspId, { minItems: 1, maxItems: 16, uniqueItems: true, description });
export const organization = (description: string) =>
  Type.String({ pattern: "^[A-Za-z][A-Za-z0-9.-]{0,63}$", description });

const { blockCutting: bounds } = platformLimits;
export const blockCuttingFields = {
  messageCountMax: Type.Integer({ ...bounds.messageCountMax, description: "Transactions that fill a block." }),
  bytesMax: Type.Integer({ ...bounds.bytesMax, description: "Bytes that fill a block." }),
  timeoutMs: Type.Integer({ ...bounds.timeoutMs, description: "Time after which a block is cut though not full." }),
  cutWhenIdle: Type.Boolean({ description: "Cuts as soon as the disk is idle." }),
};

export const networkAnswer = Type.Object({
  networkId: Type.String(),
  name: Type.String(),
  tenantId: Type.String(),
  projectId: Type.String(),
  status: Type.Union([Type.Literal("creating"), Type.Literal("active"), Type.Literal("failed")]),
  organizations: Type.Array(Type.String()),
  channelIds: Type.Array(Type.String()),
  createdMs: timeMs,
});

export const nodeAnswer = Type.Object({
  nodeId: Type.String(),
  networkId: Type.String(),
  kind: Type.Union([Type.Literal("peer"), Type.Literal("orderer")]),
  mspId: Type.String(),
  name: Type.String({ description: "Also the DNS name in its TLS certificate." }),
  endpoint: Type.String({ description: "host:port, the same for good." }),
  mutualTls: Type.Boolean(),
  state: Type.Union([Type.Literal("started"), Type.Literal("stopped")]),
  listening: Type.Boolean({ description: "Whether it answers at this moment." }),
  channels: Type.Array(
    Type.Object({ channelId: Type.String(), height: Type.Integer({ description: "Blocks that it has committed." }) }),
  ),
  createdMs: timeMs,
});

export const channelAnswer = Type.Object({
  channelId: Type.String(),
  networkId: Type.String(),
  status: Type.Union([Type.Literal("creating"), Type.Literal("active")]),
  organizations: Type.Array(Type.String()),
  height: Type.Integer(),
  blockCutting: Type.Object(blockCuttingFields),
  stateDatabase: Type.Union([Type.Literal("goleveldb"), Type.Literal("couchdb")]),
  createdMs: timeMs,
});

export const EXAMPLE_NETWORK_ID = "5a0c6d44-3b0e-4f4e-8c58-0f6f0b9a7f10";
export const EXAMPLE_CHANNEL = "goods";
export const EXAMPLE_ORGANIZATION = "Org1MSP";

export const exampleNetwork: Static<typeof networkAnswer> = {
  networkId: EXAMPLE_NETWORK_ID,
  name: "demo",
  tenantId: "0605768a5300d5762fc3c00180692870",
  projectId: "0605768a5300d5762fc3c00180692873",
  status: "active",
  organizations: [EXAMPLE_ORGANIZATION, "Org2MSP"],
  channelIds: [EXAMPLE_CHANNEL],
  createdMs: 1_700_000_000_000,
};

export const exampleNode: Static<typeof nodeAnswer> = {
  nodeId: "0d9b7a52-1a32-4b5c-9d1f-8e1d7c2b3a40",
  networkId: EXAMPLE_NETWORK_ID,
  kind: "peer",
  mspId: EXAMPLE_ORGANIZATION,
  name: "peer0.org1msp.demo",
  endpoint: "127.0.0.1:40123",
  mutualTls: false,
  state: "started",
  listening: true,
  channels: [{ channelId: EXAMPLE_CHANNEL, height: 3 }],
  createdMs: 1_700_000_000_000,
};

export const exampleChannel: Static<typeof channelAnswer> = {
  channelId: EXAMPLE_CHANNEL,
  networkId: EXAMPLE_NETWORK_ID,
  status: "active",
  organizations: [EXAMPLE_ORGANIZATION, "Org2MSP"],
  height: 3,
  blockCutting: { messageCountMax: 500, bytesMax: 2_097_152, timeoutMs: 2_000, cutWhenIdle: false },
  stateDatabase: "couchdb",
  createdMs: 1_700_000_000_000,
};
