import { Type } from "@concordat/api-kit";
import { chainPaging, chainPagingWire } from "./chain-fields.ts";
import { BASE, bizChainId, GET, inBody, inPath, inQuery, noContent, operation, POST, SOURCE } from "./common.ts";
import { iotId, productKey } from "./device-fields.ts";

const deviceGroupId = Type.String({ pattern: "^[0-9]{16}$", description: "Device group id: 16 decimal digits." });
const deviceId = Type.String({ pattern: "^[0-9]{16}$", description: "Device id: 16 decimal digits." });

const group = Type.Object({
  deviceGroupId: Type.String(),
  bizChainId: Type.String(),
  productKey: Type.String(),
  name: Type.String(),
  remark: Type.String(),
  ownerName: Type.String({ description: "Name of who registered it." }),
  ownerUid: Type.String(),
  authorized: Type.Boolean({ description: "Whether its devices may upload." }),
  createdMs: Type.Integer(),
});

const device = Type.Object({
  deviceId: Type.String(),
  iotId: Type.String(),
  lastSaveMs: Type.Integer({ description: "Time of its last upload." }),
  authorized: Type.Boolean({ description: "Whether it may upload, if its group may." }),
});

const exampleGroup = {
  deviceGroupId: "6100000000000001",
  bizChainId: "4899730875490001",
  productKey: "a1B2c3D4e5F",
  name: "Thermometers",
  remark: "",
  ownerName: "truck-7",
  ownerUid: "2000000000000001",
  authorized: true,
  createdMs: 1586125838680,
};
const exampleDevice = {
  deviceId: "7200000000000001",
  iotId: "2122232425262728292A2B2C",
  lastSaveMs: 1586125838680,
  authorized: true,
};

const ofChain = { bizChainId };
const ofChainInPath = { bizChainId: inPath("id") };
const exampleOfChain = { bizChainId: exampleGroup.bizChainId };
const ofGroup = { ...ofChain, deviceGroupId };
const ofGroupInPath = { ...ofChainInPath, deviceGroupId: inPath("group") };
const exampleOfGroup = { ...exampleOfChain, deviceGroupId: exampleGroup.deviceGroupId };
const chainErrors = ["ACCESS_DENIED", "CHAIN_UNKNOWN", "ACCOUNT_KIND_REFUSED", "SERVICE_NOT_OPENED"] as const;

const change = {
  source: SOURCE,
  methods: POST,
  status: 204,
  mutating: true,
  output: Type.Object({}),
  answer: noContent,
} as const;
const groupChange = {
  ...change,
  input: Type.Object(ofGroup),
  wire: ofGroupInPath,
  errors: [...chainErrors, "DEVICE_GROUP_UNKNOWN"],
  example: { input: exampleOfGroup, output: {} },
} as const;
const deviceChange = {
  ...change,
  input: Type.Object({ ...ofGroup, deviceId }),
  wire: { ...ofGroupInPath, deviceId: inPath("device") },
  errors: [...chainErrors, "DEVICE_GROUP_UNKNOWN", "DEVICE_UNKNOWN"],
  example: { input: { ...exampleOfGroup, deviceId: exampleDevice.deviceId }, output: {} },
} as const;

const groupPath = `${BASE}/chains/{id}/device-groups/{group}`;

/** Devices on business chains: one product's devices on one chain are a group. Their identities are in device-identities.ts. */
export const deviceGroupRoutes = {
  registerDeviceGroup: operation({
    id: "native:registerDeviceGroup",
    summary: "Lets the devices of a product of the caller's tenant upload to a business chain.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/chains/{id}/device-groups`,
    permission: "ltl:deviceGroup:register",
    mutating: true,
    input: Type.Object({
      bizChainId,
      productKey,
      name: Type.String({ maxLength: 256, description: "2 to 30 letters, digits or characters of _-.()." }),
      remark: Type.Optional(Type.String({ maxLength: 1024, description: "Free text." })),
    }),
    wire: {
      ...ofChainInPath,
      productKey: inBody("productKey"),
      name: inBody("name"),
      remark: inBody("remark"),
    },
    output: group,
    errors: [...chainErrors, "PRODUCT_UNKNOWN", "DEVICE_GROUP_EXISTS", "NAME_INVALID", "REMARK_INVALID"],
    example: {
      input: { ...exampleOfChain, productKey: exampleGroup.productKey, name: exampleGroup.name },
      output: exampleGroup,
    },
  }),
  listDeviceGroups: operation({
    id: "native:listDeviceGroups",
    summary: "The device groups of a business chain: all for its administrator, a member's own for the member.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/chains/{id}/device-groups`,
    permission: "ltl:deviceGroup:list",
    mutating: false,
    input: Type.Object({ ...ofChain, productKey: Type.Optional(productKey), ...chainPaging }),
    wire: { ...ofChainInPath, productKey: inQuery("productKey"), ...chainPagingWire },
    output: Type.Object({ total: Type.Integer(), deviceGroups: Type.Array(group) }),
    errors: chainErrors,
    example: { input: exampleOfChain, output: { total: 1, deviceGroups: [exampleGroup] } },
  }),
  authorizeDeviceGroup: operation({
    ...groupChange,
    id: "native:authorizeDeviceGroup",
    summary: "Lets a group's devices upload again. For the chain's administrator.",
    path: `${groupPath}/authorize`,
    permission: "ltl:deviceGroup:authorize",
  }),
  unauthorizeDeviceGroup: operation({
    ...groupChange,
    id: "native:unauthorizeDeviceGroup",
    summary: "Refuses uploads of a group's devices. For the chain's administrator.",
    path: `${groupPath}/unauthorize`,
    permission: "ltl:deviceGroup:unauthorize",
  }),
  listDevices: operation({
    id: "native:listDevices",
    summary: "The devices of a group that have uploaded.",
    source: SOURCE,
    methods: GET,
    path: `${groupPath}/devices`,
    permission: "ltl:device:list",
    mutating: false,
    input: Type.Object({ ...ofGroup, iotId: Type.Optional(iotId), ...chainPaging }),
    wire: { ...ofGroupInPath, iotId: inQuery("iotId"), ...chainPagingWire },
    output: Type.Object({ total: Type.Integer(), devices: Type.Array(device) }),
    errors: [...chainErrors, "DEVICE_GROUP_UNKNOWN"],
    example: { input: exampleOfGroup, output: { total: 1, devices: [exampleDevice] } },
  }),
  authorizeDevice: operation({
    ...deviceChange,
    id: "native:authorizeDevice",
    summary: "Lets a device upload again. For the chain's administrator.",
    path: `${groupPath}/devices/{device}/authorize`,
    permission: "ltl:device:authorize",
  }),
  unauthorizeDevice: operation({
    ...deviceChange,
    id: "native:unauthorizeDevice",
    summary: "Refuses a device's uploads. For the chain's administrator.",
    path: `${groupPath}/devices/{device}/unauthorize`,
    permission: "ltl:device:unauthorize",
  }),
};
