import { decimalInteger, Type } from "@concordat/api-kit";
import { dataTypePageAnswer, memberPageAnswer, memberUsageAnswer } from "../member-codecs.ts";
import {
  action,
  bizChainId,
  DOCUMENT,
  EXAMPLE_BIZ_CHAIN,
  EXAMPLE_MEMBER,
  METHODS,
  memberUid,
  operation,
  PATH,
  page,
  pageOf,
  pageSize,
  parameter,
} from "./common.ts";

const shown = { memberId: Type.String(), name: Type.String(), uid: Type.String() };
const exampleShown = { memberId: EXAMPLE_MEMBER, name: "某公司", uid: "1972031623438101" };

export const memberListRoutes = {
  ListMember: operation({
    id: "aliyun-ltl:ListMember",
    summary: "Lists the members of a business chain.",
    source: `${DOCUMENT}, section 4.2.7.2`,
    methods: METHODS,
    path: PATH,
    matcher: action("ListMember"),
    permission: "ltl:member:list",
    mutating: false,
    input: Type.Object({ bizChainId, page, pageSize, uid: Type.Optional(memberUid) }),
    wire: {
      bizChainId: parameter("BizChainId"),
      page: parameter("Num", decimalInteger),
      pageSize: parameter("Size", decimalInteger),
      uid: parameter("MemberUid"),
    },
    output: pageOf(
      Type.Object({
        locked: Type.Boolean(),
        contact: Type.String(),
        phone: Type.String(),
        remark: Type.String(),
        ...shown,
      }),
    ),
    answer: memberPageAnswer,
    errors: ["SERVICE_NOT_OPENED", "CHAIN_UNKNOWN", "ACCOUNT_KIND_REFUSED", "ACCESS_DENIED"],
    example: {
      input: { bizChainId: EXAMPLE_BIZ_CHAIN, page: 1, pageSize: 2 },
      output: {
        page: 1,
        pageSize: 2,
        total: 1,
        items: [{ locked: false, contact: "张三", phone: "138-1111-0000", remark: "某应用某业务", ...exampleShown }],
      },
    },
  }),
  ListPSMemberDataTypeCode: operation({
    id: "aliyun-ltl:ListPSMemberDataTypeCode",
    summary: "Lists the data-type codes of a proof chain's members.",
    source: `${DOCUMENT}, section 4.2.8.2`,
    methods: METHODS,
    path: PATH,
    matcher: action("ListPSMemberDataTypeCode"),
    permission: "ltl:dataType:list",
    mutating: false,
    input: Type.Object({ bizChainId, page, pageSize, uid: Type.Optional(memberUid) }),
    wire: {
      bizChainId: parameter("BizChainId"),
      page: parameter("Num", decimalInteger),
      pageSize: parameter("Size", decimalInteger),
      uid: parameter("MemberUid"),
    },
    output: pageOf(Type.Object({ ...shown, dataTypeCode: Type.String() })),
    answer: dataTypePageAnswer,
    errors: ["SERVICE_NOT_OPENED", "CHAIN_UNKNOWN", "ACCOUNT_KIND_REFUSED", "ACCESS_DENIED"],
    example: {
      input: { bizChainId: EXAMPLE_BIZ_CHAIN, page: 1, pageSize: 2 },
      output: { page: 1, pageSize: 2, total: 1, items: [{ ...exampleShown, dataTypeCode: "E0X5" }] },
    },
  }),
  DescribeMemberCapacityInfo: operation({
    id: "aliyun-ltl:DescribeMemberCapacityInfo",
    summary: "Tells how much each member has written.",
    source: `${DOCUMENT}, section 4.2.7.15`,
    methods: METHODS,
    path: PATH,
    matcher: action("DescribeMemberCapacityInfo"),
    permission: "ltl:memberUsage:describe",
    mutating: false,
    input: Type.Object({ bizChainId }),
    wire: {
      bizChainId: parameter("BizChainId"),
    },
    output: Type.Array(Type.Object({ ...shown, usedCount: Type.Integer(), usedCapacityBytes: Type.Integer() })),
    answer: memberUsageAnswer,
    errors: ["SERVICE_NOT_OPENED", "CHAIN_UNKNOWN", "ACCOUNT_KIND_REFUSED", "ACCESS_DENIED"],
    example: {
      input: { bizChainId: EXAMPLE_BIZ_CHAIN },
      output: [{ ...exampleShown, usedCount: 26_666, usedCapacityBytes: 70_000_000 }],
    },
  }),
};
