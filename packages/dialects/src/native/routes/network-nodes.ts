import { Type } from "@concordat/api-kit";
import { BASE, GET, inPath, operation, POST, SOURCE } from "./common.ts";
import { exampleNode, network, node, nodeAnswer } from "./network-fields.ts";

const change = (verb: "start" | "stop", summary: string, example: typeof exampleNode) =>
  operation({
    id: `native:${verb}Node`,
    summary,
    source: SOURCE,
    methods: POST,
    path: `${BASE}/networks/{id}/nodes/{node}/${verb}`,
    permission: `network:node:${verb}`,
    mutating: true,
    input: Type.Object({ network, node }),
    wire: { network: inPath("id"), node: inPath("node") },
    output: nodeAnswer,
    errors: [
      "ACCESS_DENIED",
      "NETWORK_UNKNOWN",
      "NETWORK_NOT_READY",
      "NODE_UNKNOWN",
      "NODE_NOT_STARTED",
      "CERTIFICATE_NOT_USABLE",
      "FABRIC_UNAVAILABLE",
    ],
    example: { input: { network: "demo", node: exampleNode.name }, output: example },
  });

export const nodeRoutes = {
  listNodes: operation({
    id: "native:listNodes",
    summary: "The peers and orderers of a network: where they listen, and how far they have come on each channel.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/networks/{id}/nodes`,
    permission: "network:node:list",
    mutating: false,
    input: Type.Object({ network }),
    wire: { network: inPath("id") },
    output: Type.Object({ nodes: Type.Array(nodeAnswer) }),
    errors: ["ACCESS_DENIED", "NETWORK_UNKNOWN"],
    example: { input: { network: "demo" }, output: { nodes: [exampleNode] } },
  }),
  startNode: change("start", "Starts a node; a peer catches up with its channels.", exampleNode),
  stopNode: change("stop", "Stops a node once its calls in flight have ended. It stays where it is on its channels.", {
    ...exampleNode,
    state: "stopped",
    listening: false,
  }),
};
