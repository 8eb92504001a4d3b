import { Type } from "@concordat/api-kit";
import { platformLimits } from "@concordat/platform/limits";
import { BASE, GET, inBody, inPath, operation, PATCH, POST, SOURCE } from "./common.ts";
import { algorithm, iotId, productKey } from "./device-fields.ts";
import { createdMs, enabled, exampleMs, paging, pagingWire } from "./in-tenant.ts";

const { provisionedAtOnce } = platformLimits.devices;

const identity = Type.Object({
  iotId: Type.String(),
  productKey: Type.String(),
  algorithm,
  enabled: Type.Boolean({ description: "Signatures of one that is switched off are refused." }),
  exportedMs: Type.Union([Type.Integer(), Type.Null()], { description: "When its key was handed out; null: not yet." }),
  createdMs,
});

const exampleIdentity = {
  iotId: "2122232425262728292A2B2C",
  productKey: "a1B2c3D4e5F",
  algorithm: "aes-128" as const,
  enabled: true,
  exportedMs: null,
  createdMs: exampleMs,
};
const exampleOfProduct = { productKey: exampleIdentity.productKey };
const exampleOfDevice = { iotId: exampleIdentity.iotId };
const ofProductInPath = { productKey: inPath("key") };
const ofDeviceInPath = { iotId: inPath("id") };

/** Identities of devices with the keys that their signatures are checked by, for whoever administers the product's tenant. */
export const deviceIdentityRoutes = {
  createDeviceIdentities: operation({
    id: "native:createDeviceIdentities",
    summary: "Makes identities with keys for devices of a product.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/device-products/{key}/devices`,
    permission: "platform:deviceIdentity:create",
    mutating: true,
    command: { group: "device-identity", verb: "create" },
    input: Type.Object({
      productKey,
      algorithm,
      count: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: provisionedAtOnce,
          description: `How many, at most ${provisionedAtOnce}; 1 by default.`,
        }),
      ),
    }),
    wire: { ...ofProductInPath, algorithm: inBody("algorithm"), count: inBody("count") },
    output: Type.Object({ devices: Type.Array(identity) }),
    errors: ["ACCESS_DENIED", "PRODUCT_UNKNOWN", "DEVICE_LIMIT_REACHED"],
    example: {
      input: { ...exampleOfProduct, algorithm: "aes-128", count: 1 },
      output: { devices: [exampleIdentity] },
    },
  }),
  listDeviceIdentities: operation({
    id: "native:listDeviceIdentities",
    summary: "The identities of a product's devices, oldest first.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/device-products/{key}/devices`,
    permission: "platform:deviceIdentity:list",
    mutating: false,
    command: { group: "device-identity", verb: "list" },
    input: Type.Object({ productKey, ...paging }),
    wire: { ...ofProductInPath, ...pagingWire },
    output: Type.Object({ total: Type.Integer(), devices: Type.Array(identity) }),
    errors: ["ACCESS_DENIED", "PRODUCT_UNKNOWN"],
    example: { input: exampleOfProduct, output: { total: 1, devices: [exampleIdentity] } },
  }),
  getDeviceIdentity: operation({
    id: "native:getDeviceIdentity",
    summary: "A device's identity.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/devices/{id}`,
    permission: "platform:deviceIdentity:get",
    mutating: false,
    command: { group: "device-identity", verb: "get" },
    input: Type.Object({ iotId }),
    wire: ofDeviceInPath,
    output: identity,
    errors: ["ACCESS_DENIED", "DEVICE_IDENTITY_UNKNOWN"],
    example: { input: exampleOfDevice, output: exampleIdentity },
  }),
  exportDeviceIdentity: operation({
    id: "native:exportDeviceIdentity",
    summary: "Hands out a device's key, once: what is put on the device.",
    source: SOURCE,
    methods: POST,
    path: `${BASE}/devices/{id}/export`,
    permission: "platform:deviceIdentity:export",
    mutating: true,
    command: { group: "device-identity", verb: "export", answerToFile: true },
    input: Type.Object({ iotId }),
    wire: ofDeviceInPath,
    output: Type.Object(
      {
        format: Type.Literal("concordat-device/1"),
        iotId: Type.String(),
        productKey: Type.String(),
        algorithm,
        key: Type.String({ description: "A symmetric key in hex, a private RSA key as PKCS#8 in PEM." }),
      },
      { description: "Answered here and nowhere else." },
    ),
    errors: ["ACCESS_DENIED", "DEVICE_IDENTITY_UNKNOWN", "DEVICE_IDENTITY_EXPORTED"],
    example: {
      input: exampleOfDevice,
      output: {
        format: "concordat-device/1",
        iotId: exampleIdentity.iotId,
        productKey: exampleIdentity.productKey,
        algorithm: "aes-128",
        key: "2122232425262728292a2b2c2d2e2f30",
      },
    },
  }),
  updateDeviceIdentity: operation({
    id: "native:updateDeviceIdentity",
    summary: "Switches a device's identity off or on. Signatures of one that is switched off are refused.",
    source: SOURCE,
    methods: PATCH,
    path: `${BASE}/devices/{id}`,
    permission: "platform:deviceIdentity:update",
    mutating: true,
    command: { group: "device-identity", verb: "update" },
    input: Type.Object({ iotId, enabled }),
    wire: { ...ofDeviceInPath, enabled: inBody("enabled") },
    output: identity,
    errors: ["ACCESS_DENIED", "DEVICE_IDENTITY_UNKNOWN"],
    example: { input: { ...exampleOfDevice, enabled: false }, output: { ...exampleIdentity, enabled: false } },
  }),
};
