import { decimalInteger, Type } from "@concordat/api-kit";
import { devicePageAnswer } from "../device-codecs.ts";
import { doneAnswer } from "../member-codecs.ts";
import {
  action,
  bizChainId,
  DOCUMENT,
  EXAMPLE_BIZ_CHAIN,
  EXAMPLE_DEVICE,
  EXAMPLE_DEVICE_GROUP,
  METHODS,
  momentMs,
  operation,
  PATH,
  page,
  pageOf,
  pageSize,
  parameter,
} from "./common.ts";
import { exampleDevice } from "./device-signature.ts";
import { id } from "./text-forms.ts";

const deviceGroupId = id("Device group id");
const deviceId = id("Device id");

/** Giving a device leave to upload, and taking it away. */
const authorizationRow = (name: string, section: string, permission: string, summary: string) =>
  operation({
    id: `aliyun-ltl:${name}`,
    summary,
    source: `${DOCUMENT}, section ${section}`,
    methods: METHODS,
    path: PATH,
    matcher: action(name),
    permission,
    mutating: true,
    input: Type.Object({ bizChainId, deviceGroupId, deviceId }),
    wire: {
      bizChainId: parameter("BizChainId"),
      deviceGroupId: parameter("DeviceGroupId"),
      deviceId: parameter("DeviceId"),
    },
    output: Type.Object({}),
    answer: doneAnswer,
    errors: [
      "SERVICE_NOT_OPENED",
      "CHAIN_UNKNOWN",
      "ACCOUNT_KIND_REFUSED",
      "ACCESS_DENIED",
      "DEVICE_GROUP_UNKNOWN",
      "DEVICE_UNKNOWN",
    ],
    example: {
      input: { bizChainId: EXAMPLE_BIZ_CHAIN, deviceGroupId: EXAMPLE_DEVICE_GROUP, deviceId: EXAMPLE_DEVICE },
      output: {},
    },
  });

export const deviceRoutes = {
  ListDevice: operation({
    id: "aliyun-ltl:ListDevice",
    summary: "Lists the devices of a group that have uploaded.",
    source: `${DOCUMENT}, section 4.2.7.10`,
    methods: METHODS,
    path: PATH,
    matcher: action("ListDevice"),
    permission: "ltl:device:list",
    mutating: false,
    input: Type.Object({
      bizChainId,
      deviceGroupId,
      page,
      pageSize,
      iotId: Type.Optional(Type.String({ description: "Only the device with this identity." })),
    }),
    wire: {
      bizChainId: parameter("BizChainId"),
      deviceGroupId: parameter("DeviceGroupId"),
      page: parameter("Num", decimalInteger),
      pageSize: parameter("Size", decimalInteger),
      iotId: parameter("IotId"),
    },
    output: pageOf(
      Type.Object({ authorized: Type.Boolean(), iotId: Type.String(), lastSaveMs: momentMs, deviceId: Type.String() }),
    ),
    answer: devicePageAnswer,
    errors: ["SERVICE_NOT_OPENED", "CHAIN_UNKNOWN", "ACCOUNT_KIND_REFUSED", "ACCESS_DENIED", "DEVICE_GROUP_UNKNOWN"],
    example: {
      input: { bizChainId: EXAMPLE_BIZ_CHAIN, deviceGroupId: EXAMPLE_DEVICE_GROUP, page: 1, pageSize: 2 },
      output: {
        page: 1,
        pageSize: 2,
        total: 1,
        items: [{ authorized: true, iotId: exampleDevice.iotId, lastSaveMs: 1606379090866, deviceId: EXAMPLE_DEVICE }],
      },
    },
  }),
  AuthorizeDevice: authorizationRow(
    "AuthorizeDevice",
    "4.2.7.11",
    "ltl:device:authorize",
    "Lets a device upload again.",
  ),
  UnAuthorizeDevice: authorizationRow(
    "UnAuthorizeDevice",
    "4.2.7.12",
    "ltl:device:unauthorize",
    "Keeps a device from uploading.",
  ),
};
