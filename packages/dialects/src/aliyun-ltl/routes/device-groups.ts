import { decimalInteger, Type } from "@concordat/api-kit";
import { textAnswer } from "../codecs.ts";
import { deviceGroupPageAnswer } from "../device-codecs.ts";
import { doneAnswer } from "../member-codecs.ts";
import {
  action,
  bizChainId,
  DOCUMENT,
  EXAMPLE_BIZ_CHAIN,
  EXAMPLE_DEVICE_GROUP,
  METHODS,
  operation,
  PATH,
  page,
  pageOf,
  pageSize,
  parameter,
} from "./common.ts";
import { exampleDevice } from "./device-signature.ts";
import { id, name, nameText, remark, remarkText } from "./text-forms.ts";

const deviceGroupId = id("Device group id");
const productKey = Type.String({ description: "Product key of the group's devices." });

/** Giving a group leave to upload, and taking it away. */
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
    input: Type.Object({ bizChainId, deviceGroupId }),
    wire: { bizChainId: parameter("BizChainId"), deviceGroupId: parameter("DeviceGroupId") },
    output: Type.Object({}),
    answer: doneAnswer,
    errors: ["SERVICE_NOT_OPENED", "CHAIN_UNKNOWN", "ACCOUNT_KIND_REFUSED", "ACCESS_DENIED", "DEVICE_GROUP_UNKNOWN"],
    example: { input: { bizChainId: EXAMPLE_BIZ_CHAIN, deviceGroupId: EXAMPLE_DEVICE_GROUP }, output: {} },
  });

export const deviceGroupRoutes = {
  RegisterDeviceGroup: operation({
    id: "aliyun-ltl:RegisterDeviceGroup",
    summary: "Lets the devices of a product upload to a business chain.",
    source: `${DOCUMENT}, section 4.2.7.6`,
    methods: METHODS,
    path: PATH,
    matcher: action("RegisterDeviceGroup"),
    permission: "ltl:deviceGroup:register",
    mutating: true,
    input: Type.Object({
      authorizeType: Type.Literal("ID2"),
      bizChainId,
      name: name("Name of the group"),
      productKey,
      remark,
    }),
    wire: {
      authorizeType: parameter("AuthorizeType"),
      bizChainId: parameter("BizChainId"),
      name: parameter("DeviceGroupName", nameText),
      productKey: parameter("ProductKey"),
      remark: parameter("Remark", remarkText),
    },
    output: deviceGroupId,
    answer: textAnswer,
    errors: [
      "SERVICE_NOT_OPENED",
      "CHAIN_UNKNOWN",
      "ACCOUNT_KIND_REFUSED",
      "ACCESS_DENIED",
      "PRODUCT_UNKNOWN",
      "DEVICE_GROUP_EXISTS",
    ],
    example: {
      input: {
        authorizeType: "ID2",
        bizChainId: EXAMPLE_BIZ_CHAIN,
        name: "某数据源组",
        productKey: exampleDevice.serviceProvider,
        remark: "某业务某设备",
      },
      output: EXAMPLE_DEVICE_GROUP,
    },
  }),
  ListDeviceGroup: operation({
    id: "aliyun-ltl:ListDeviceGroup",
    summary: "Lists device groups: a member its own, the administrator all.",
    source: `${DOCUMENT}, section 4.2.7.7`,
    methods: METHODS,
    path: PATH,
    matcher: action("ListDeviceGroup"),
    permission: "ltl:deviceGroup:list",
    mutating: false,
    input: Type.Object({ bizChainId, page, pageSize, productKey: Type.Optional(productKey) }),
    wire: {
      bizChainId: parameter("BizChainId"),
      page: parameter("Num", decimalInteger),
      pageSize: parameter("Size", decimalInteger),
      productKey: parameter("ProductKey"),
    },
    output: pageOf(
      Type.Object({
        authorized: Type.Boolean(),
        ownerName: Type.String(),
        deviceGroupId: Type.String(),
        ownerUid: Type.String(),
        productKey: Type.String(),
        remark: Type.String(),
      }),
    ),
    answer: deviceGroupPageAnswer,
    errors: ["SERVICE_NOT_OPENED", "CHAIN_UNKNOWN", "ACCOUNT_KIND_REFUSED", "ACCESS_DENIED"],
    example: {
      input: { bizChainId: EXAMPLE_BIZ_CHAIN, page: 1, pageSize: 2 },
      output: {
        page: 1,
        pageSize: 2,
        total: 1,
        items: [
          {
            authorized: true,
            ownerName: "某公司",
            deviceGroupId: EXAMPLE_DEVICE_GROUP,
            ownerUid: "1972031623438101",
            productKey: exampleDevice.serviceProvider,
            remark: "某业务某设备",
          },
        ],
      },
    },
  }),
  AuthorizeDeviceGroup: authorizationRow(
    "AuthorizeDeviceGroup",
    "4.2.7.8",
    "ltl:deviceGroup:authorize",
    "Lets the devices of a group upload again.",
  ),
  UnAuthorizeDeviceGroup: authorizationRow(
    "UnAuthorizeDeviceGroup",
    "4.2.7.9",
    "ltl:deviceGroup:unauthorize",
    "Keeps the devices of a group from uploading.",
  ),
};
