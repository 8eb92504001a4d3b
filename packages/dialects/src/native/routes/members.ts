import { Type } from "@concordat/api-kit";
import {
  chainPaging,
  chainPagingWire,
  exampleMember,
  exampleMembership,
  memberAnswer,
  newMemberAnswer,
} from "./chain-fields.ts";
import {
  BASE,
  bizChainId,
  GET,
  inBody,
  inPath,
  inQuery,
  noContent,
  operation,
  PATCH,
  POST,
  SOURCE,
  uid,
} from "./common.ts";

const memberId = Type.String({ pattern: "^[0-9]{16}$", description: "Member id: 16 decimal digits." });
const text = (description: string) => Type.Optional(Type.String({ maxLength: 1024, description }));
const details = {
  name: text("2 to 30 letters, digits or characters of _-.()."),
  contact: text("Whom to ask: 2 to 30 letters, digits or characters of _-.()."),
  phone: text("At most 20 digits and hyphens."),
  remark: text("At most 100 characters."),
};
const detailsWire = {
  name: inBody("name"),
  contact: inBody("contact"),
  phone: inBody("phone"),
  remark: inBody("remark"),
};
const exampleDetails = { name: "truck-7", contact: "Ada", phone: "0571-12345678" };
const exampleChainId = "4899730875490001";
const ofMember = { bizChainId, memberId };
const ofMemberInPath = { bizChainId: inPath("id"), memberId: inPath("member") };
const exampleOfMember = { bizChainId: exampleChainId, memberId: exampleMember.memberId };

const detailErrors = [
  "ACCOUNT_UNKNOWN",
  "ACCOUNT_KIND_REFUSED",
  "MEMBER_EXISTS",
  "QUOTA_EXCEEDED",
  "NAME_INVALID",
  "MEMBER_CONTACT_INVALID",
  "MEMBER_PHONE_INVALID",
  "REMARK_INVALID",
] as const;

const lockRow = {
  source: SOURCE,
  methods: POST,
  status: 204,
  mutating: true,
  input: Type.Object(ofMember),
  wire: ofMemberInPath,
  output: Type.Object({}),
  answer: noContent,
  errors: ["ACCESS_DENIED", "CHAIN_UNKNOWN", "MEMBER_UNKNOWN", "SERVICE_NOT_OPENED"],
  example: { input: exampleOfMember, output: {} },
} as const;

/** The members of business chains, for each chain's administrator. */
export const memberRoutes = {
  addChainMember: operation({
    id: "native:addChainMember",
    summary: "Adds a RAM user to a business chain; its organization joins the channel.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/chains/{id}/members`,
    permission: "ltl:member:create",
    mutating: true,
    input: Type.Object({ bizChainId, memberUid: uid, ...details }),
    wire: { bizChainId: inPath("id"), memberUid: inBody("memberUid"), ...detailsWire },
    output: newMemberAnswer,
    errors: ["ACCESS_DENIED", "CHAIN_UNKNOWN", "SERVICE_NOT_OPENED", ...detailErrors],
    example: {
      input: { bizChainId: exampleChainId, memberUid: exampleMember.uid, ...exampleDetails },
      output: {
        ...exampleMembership,
        memberId: exampleMember.memberId,
        role: "member",
        dataTypeCode: exampleMember.dataTypeCode,
        member: exampleMember,
      },
    },
  }),
  listChainMembers: operation({
    id: "native:listChainMembers",
    summary: "The members of a business chain, oldest first, without its administrator.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/chains/{id}/members`,
    permission: "ltl:member:list",
    mutating: false,
    input: Type.Object({ bizChainId, memberUid: Type.Optional(uid), ...chainPaging }),
    wire: { bizChainId: inPath("id"), memberUid: inQuery("memberUid"), ...chainPagingWire },
    output: Type.Object({ total: Type.Integer(), members: Type.Array(memberAnswer) }),
    errors: ["ACCESS_DENIED", "CHAIN_UNKNOWN", "SERVICE_NOT_OPENED"],
    example: { input: { bizChainId: exampleChainId }, output: { total: 1, members: [exampleMember] } },
  }),
  updateChainMember: operation({
    id: "native:updateChainMember",
    summary:
      "Changes a member; what is left out stays. Another memberUid gives the place to that RAM user, with the data-type code and the rights in phases.",
    source: SOURCE,
    methods: PATCH,
    path: `${BASE}/chains/{id}/members/{member}`,
    permission: "ltl:member:modify",
    mutating: true,
    input: Type.Object({ ...ofMember, memberUid: Type.Optional(uid), ...details }),
    wire: { ...ofMemberInPath, memberUid: inBody("memberUid"), ...detailsWire },
    output: memberAnswer,
    errors: ["ACCESS_DENIED", "CHAIN_UNKNOWN", "SERVICE_NOT_OPENED", "MEMBER_UNKNOWN", ...detailErrors],
    example: { input: { ...exampleOfMember, ...exampleDetails }, output: exampleMember },
  }),
  lockChainMember: operation({
    ...lockRow,
    id: "native:lockChainMember",
    summary: "Locks a member: it is refused everything on the chain. Nothing changes when it is locked already.",
    path: `${BASE}/chains/{id}/members/{member}/lock`,
    permission: "ltl:member:lock",
  }),
  unlockChainMember: operation({
    ...lockRow,
    id: "native:unlockChainMember",
    summary: "Unlocks a member. Nothing changes when it is not locked.",
    path: `${BASE}/chains/{id}/members/{member}/unlock`,
    permission: "ltl:member:unlock",
  }),
  getChainMemberUsage: operation({
    id: "native:getChainMemberUsage",
    summary: "How much each member has written to a business chain.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/chains/{id}/member-usage`,
    permission: "ltl:memberUsage:describe",
    mutating: false,
    input: Type.Object({ bizChainId }),
    wire: { bizChainId: inPath("id") },
    output: Type.Object({
      members: Type.Array(
        Type.Object({
          memberId: Type.String(),
          uid: Type.String(),
          name: Type.String(),
          usedCount: Type.Integer({ description: "Records." }),
          usedCapacityBytes: Type.Integer(),
        }),
      ),
    }),
    errors: ["ACCESS_DENIED", "CHAIN_UNKNOWN", "SERVICE_NOT_OPENED"],
    example: {
      input: { bizChainId: exampleChainId },
      output: {
        members: [
          {
            memberId: exampleMember.memberId,
            uid: exampleMember.uid,
            name: exampleMember.name,
            usedCount: 12,
            usedCapacityBytes: 960,
          },
        ],
      },
    },
  }),
};
