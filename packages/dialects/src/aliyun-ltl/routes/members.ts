import { Type } from "@concordat/api-kit";
import { textAnswer } from "../codecs.ts";
import { doneAnswer } from "../member-codecs.ts";
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
  parameter,
} from "./common.ts";
import { id, name, nameText, remark, remarkText } from "./text-forms.ts";

const memberId = id("Member id");
const details = {
  contact: name("Contact of the member"),
  name: name("Name of the member"),
  phone: Type.String({ pattern: "^[0-9-]{1,20}$", description: "Phone: 1 to 20 digits and hyphens." }),
};

/** Locking a member and unlocking it. */
const lockRow = (name: string, section: string, permission: string, summary: string) =>
  operation({
    id: `aliyun-ltl:${name}`,
    summary,
    source: `${DOCUMENT}, section ${section}`,
    methods: METHODS,
    path: PATH,
    matcher: action(name),
    permission,
    mutating: true,
    input: Type.Object({ bizChainId, memberId }),
    wire: { bizChainId: parameter("BizChainId"), memberId: parameter("MemberId") },
    output: Type.Object({}),
    answer: doneAnswer,
    errors: ["SERVICE_NOT_OPENED", "CHAIN_UNKNOWN", "ACCOUNT_KIND_REFUSED", "ACCESS_DENIED", "MEMBER_UNKNOWN"],
    example: { input: { bizChainId: EXAMPLE_BIZ_CHAIN, memberId: EXAMPLE_MEMBER }, output: {} },
  });

/** Members are kept by the chain's administrator alone. */
export const memberRoutes = {
  CreateMember: operation({
    id: "aliyun-ltl:CreateMember",
    summary: "Adds a RAM user to a business chain.",
    source: `${DOCUMENT}, section 4.2.7.1`,
    methods: METHODS,
    path: PATH,
    matcher: action("CreateMember"),
    permission: "ltl:member:create",
    mutating: true,
    input: Type.Object({ bizChainId, ...details, uid: memberUid, remark }),
    wire: {
      bizChainId: parameter("BizChainId"),
      contact: parameter("MemberContact", nameText),
      name: parameter("MemberName", nameText),
      phone: parameter("MemberPhone"),
      uid: parameter("MemberUid"),
      remark: parameter("Remark", remarkText),
    },
    output: memberId,
    answer: textAnswer,
    errors: [
      "SERVICE_NOT_OPENED",
      "CHAIN_UNKNOWN",
      "ACCOUNT_KIND_REFUSED",
      "ACCESS_DENIED",
      "ACCOUNT_UNKNOWN",
      "MEMBER_EXISTS",
      "QUOTA_EXCEEDED",
    ],
    example: {
      input: {
        bizChainId: EXAMPLE_BIZ_CHAIN,
        contact: "张三",
        name: "某公司",
        phone: "138-1111-0000",
        uid: "1972031623438101",
        remark: "某应用某业务",
      },
      output: EXAMPLE_MEMBER,
    },
  }),
  ModifyMember: operation({
    id: "aliyun-ltl:ModifyMember",
    summary: "Changes what a chain knows of a member, or gives its place to another RAM user.",
    source: `${DOCUMENT}, section 4.2.7.3`,
    methods: METHODS,
    path: PATH,
    matcher: action("ModifyMember"),
    permission: "ltl:member:modify",
    mutating: true,
    input: Type.Object({ bizChainId, ...details, memberId, uid: memberUid, remark }),
    wire: {
      bizChainId: parameter("BizChainId"),
      contact: parameter("MemberContact", nameText),
      memberId: parameter("MemberId"),
      name: parameter("MemberName", nameText),
      phone: parameter("MemberPhone"),
      uid: parameter("MemberUid"),
      remark: parameter("Remark", remarkText),
    },
    output: Type.Object({}),
    answer: doneAnswer,
    errors: [
      "SERVICE_NOT_OPENED",
      "CHAIN_UNKNOWN",
      "ACCOUNT_KIND_REFUSED",
      "ACCESS_DENIED",
      "MEMBER_UNKNOWN",
      "ACCOUNT_UNKNOWN",
      "MEMBER_EXISTS",
    ],
    example: {
      input: {
        bizChainId: EXAMPLE_BIZ_CHAIN,
        contact: "张三",
        name: "某公司",
        phone: "138-1111-0000",
        uid: "1972031623438101",
        memberId: EXAMPLE_MEMBER,
      },
      output: {},
    },
  }),
  LockMember: lockRow("LockMember", "4.2.7.4", "ltl:member:lock", "Keeps a member from everything on the chain."),
  UnLockMember: lockRow("UnLockMember", "4.2.7.5", "ltl:member:unlock", "Lets a locked member use the chain again."),
};
