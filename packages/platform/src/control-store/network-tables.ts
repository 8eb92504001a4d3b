/** How the rows of networks stand in SQL. */
export const networkTables = {
  networks: {
    primaryKey: ["networkId"],
    columns: {
      networkId: "text",
      tenantId: "text",
      projectId: "text",
      name: "text",
      status: "text",
      organizations: "json",
      accountUid: "text",
      createdMs: "integer",
    },
  },
  nodes: {
    primaryKey: ["nodeId"],
    columns: {
      nodeId: "text",
      networkId: "text",
      mspId: "text",
      kind: "text",
      name: "text",
      host: "text",
      port: "integer",
      mutualTls: "boolean",
      state: "text",
      createdMs: "integer",
    },
  },
  networkChannels: {
    primaryKey: ["channelId"],
    columns: {
      channelId: "text",
      networkId: "text",
      organizations: "json",
      blockCutting: "json",
      stateDatabase: "text",
      status: "text",
      createdMs: "integer",
    },
  },
  nodeChannels: {
    primaryKey: ["nodeId", "channelId"],
    columns: { nodeId: "text", channelId: "text", joinedHeight: "integer", height: "integer" },
  },
} as const;
