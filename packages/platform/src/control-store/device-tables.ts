/** How the rows of device products, identities and groups stand in SQL. */
export const deviceTables = {
  deviceProducts: {
    primaryKey: ["productKey"],
    columns: {
      productKey: "text",
      tenantId: "text",
      bizChainId: "text",
      name: "text",
      description: "text",
      createdMs: "integer",
    },
  },
  devices: {
    primaryKey: ["iotId"],
    columns: {
      iotId: "text",
      productKey: "text",
      algorithm: "text",
      keySealed: "bytes",
      publicKey: "bytes",
      enabled: "boolean",
      exportedMs: "integer",
      createdMs: "integer",
    },
  },
  deviceGroups: {
    primaryKey: ["deviceGroupId"],
    columns: {
      deviceGroupId: "text",
      bizChainId: "text",
      productKey: "text",
      name: "text",
      remark: "text",
      memberId: "text",
      authorized: "boolean",
      createdMs: "integer",
    },
  },
  unauthorizedDevices: {
    primaryKey: ["deviceGroupId", "iotId"],
    columns: { deviceGroupId: "text", iotId: "text", deviceId: "text", sinceMs: "integer" },
  },
} as const;
