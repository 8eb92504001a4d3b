import { Type } from "@concordat/api-kit";
import { BASE, GET, inBody, inPath, operation, POST, SOURCE } from "./common.ts";
import {
  blockCuttingFields,
  channel,
  channelAnswer,
  EXAMPLE_CHANNEL,
  exampleChannel,
  exampleNode,
  network,
  nodeAnswer,
  organizations,
} from "./network-fields.ts";

const { messageCountMax, bytesMax, timeoutMs, cutWhenIdle } = blockCuttingFields;

export const networkChannelRoutes = {
  createChannel: operation({
    id: "native:createChannel",
    summary: "Creates a channel of a network; the peers of its organizations join it.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/networks/{id}/channels`,
    permission: "network:channel:create",
    mutating: true,
    command: { named: true },
    input: Type.Object({
      network,
      channel,
      organizations: Type.Optional(organizations("MSP ids of the network; all of them by default.")),
      blockCutting: Type.Optional(
        Type.Object(
          {
            messageCountMax: Type.Optional(messageCountMax),
            bytesMax: Type.Optional(bytesMax),
            timeoutMs: Type.Optional(timeoutMs),
            cutWhenIdle: Type.Optional(cutWhenIdle),
          },
          {
            additionalProperties: false,
            description: "How it cuts blocks, as JSON; by default 500 transactions, 2 MiB, 2000 ms, not when idle.",
          },
        ),
      ),
      stateDatabase: Type.Optional(
        Type.Union([Type.Literal("goleveldb"), Type.Literal("couchdb")], {
          description: "goleveldb, or couchdb, the default: with rich queries.",
        }),
      ),
      join: Type.Optional(Type.Boolean({ description: "Whether the peers join at once; true by default." })),
    }),
    wire: {
      network: inPath("id"),
      channel: inBody("channel"),
      organizations: inBody("organizations"),
      blockCutting: inBody("blockCutting"),
      stateDatabase: inBody("stateDatabase"),
      join: inBody("join"),
    },
    output: channelAnswer,
    errors: [
      "ACCESS_DENIED",
      "NETWORK_UNKNOWN",
      "NETWORK_NOT_READY",
      "NETWORK_LIMIT_REACHED",
      "ORGANIZATION_UNKNOWN",
      "NAME_INVALID",
      "NAME_EXISTS",
      "BLOCK_CUTTING_INVALID",
      "NODE_NOT_STARTED",
      "FABRIC_UNAVAILABLE",
      "LEDGER_UNAVAILABLE",
    ],
    example: { input: { network: "demo", channel: EXAMPLE_CHANNEL }, output: exampleChannel },
  }),
  listChannels: operation({
    id: "native:listChannels",
    summary: "The channels of a network.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/networks/{id}/channels`,
    permission: "network:channel:list",
    mutating: false,
    input: Type.Object({ network }),
    wire: { network: inPath("id") },
    output: Type.Object({ channels: Type.Array(channelAnswer) }),
    errors: ["ACCESS_DENIED", "NETWORK_UNKNOWN"],
    example: { input: { network: "demo" }, output: { channels: [exampleChannel] } },
  }),
  joinChannel: operation({
    id: "native:joinChannel",
    summary: "Lets peers join a channel of their organization. Those that are on it stay.",
    source: SOURCE,
    methods: POST,
    path: `${BASE}/channels/{id}/peers`,
    permission: "network:channel:join",
    mutating: true,
    command: { named: true },
    input: Type.Object({
      channel,
      nodes: Type.Optional(
        Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
          minItems: 1,
          maxItems: 80,
          uniqueItems: true,
          description: "Ids of peers; all peers of the channel's organizations by default.",
        }),
      ),
    }),
    wire: { channel: inPath("id"), nodes: inBody("nodes") },
    output: Type.Object({ nodes: Type.Array(nodeAnswer) }),
    errors: [
      "ACCESS_DENIED",
      "CHANNEL_UNKNOWN",
      "NETWORK_NOT_READY",
      "NODE_UNKNOWN",
      "NODE_NOT_STARTED",
      "FABRIC_UNAVAILABLE",
    ],
    example: { input: { channel: EXAMPLE_CHANNEL }, output: { nodes: [exampleNode] } },
  }),
};
