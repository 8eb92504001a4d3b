import { decimalInteger, Type } from "@concordat/api-kit";
import { platformLimits } from "@concordat/platform/limits";
import { BASE, bizChainId, GET, inBody, inPath, inQuery, name, operation, POST, SOURCE, uid } from "./common.ts";

const { chainPageSizeMax, blockCutting: bounds } = platformLimits;

const messageCountMax = Type.Integer({ ...bounds.messageCountMax, description: "Transactions that fill a block." });
const bytesMax = Type.Integer({ ...bounds.bytesMax, description: "Bytes that fill a block." });
const timeoutMs = Type.Integer({
  ...bounds.timeoutMs,
  description: "Time after which a block is cut though not full.",
});
const cutWhenIdle = Type.Boolean({
  description:
    "Cuts as soon as the disk is idle. Otherwise each write waits until its block is full or the time is over.",
});

const cryptography = Type.Union([Type.Literal("international"), Type.Literal("sm")], {
  description: "sm: proofs carry an SM3 root and SM2 signatures besides SHA-256 and Ed25519.",
});

const membership = Type.Object({
  bizChainId: Type.String(),
  bizChainCode: Type.String(),
  channelId: Type.String(),
  name: Type.String(),
  remark: Type.String(),
  edition: Type.Union([Type.Literal("standard"), Type.Literal("enterprise")]),
  administratorUid: Type.String(),
  effectiveMs: Type.Integer(),
  expiresMs: Type.Integer(),
  countQuota: Type.Integer(),
  capacityQuotaBytes: Type.Integer(),
  blockCutting: Type.Object({ messageCountMax, bytesMax, timeoutMs, cutWhenIdle }),
  cryptography,
  role: Type.Union([Type.Literal("administrator"), Type.Literal("member")]),
  dataTypeCode: Type.String(),
});

const exampleMembership = {
  bizChainId: "4899730875490001",
  bizChainCode: "HB5jyvZWzwcMFSFg",
  channelId: "ltl-1",
  name: "Cold-chain",
  remark: "",
  edition: "standard" as const,
  administratorUid: "1000000000000001",
  effectiveMs: 1586125838680,
  expiresMs: 1666125838680,
  countQuota: 10_000_000,
  capacityQuotaBytes: 800_000_000_000,
  blockCutting: { messageCountMax: 500, bytesMax: 2_097_152, timeoutMs: 2_000, cutWhenIdle: true },
  cryptography: "international" as const,
  role: "administrator" as const,
  dataTypeCode: "0X58",
};

export const chainRoutes = {
  listChains: operation({
    id: "native:listChains",
    summary: "The business chains that the caller is on.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/chains`,
    permission: "ltl:service:use",
    mutating: false,
    input: Type.Object({
      page: Type.Optional(Type.Integer({ minimum: 1, description: "From 1, which is the default." })),
      pageSize: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: chainPageSizeMax,
          description: `By default ${chainPageSizeMax}, which is the most.`,
        }),
      ),
      name: Type.Optional(name),
    }),
    wire: {
      page: inQuery("page", decimalInteger),
      pageSize: inQuery("pageSize", decimalInteger),
      name: inQuery("name"),
    },
    output: Type.Object({ total: Type.Integer(), chains: Type.Array(membership) }),
    errors: ["SERVICE_NOT_OPENED"],
    example: { input: { page: 1, pageSize: 10 }, output: { total: 1, chains: [exampleMembership] } },
  }),
  createChain: operation({
    id: "native:createChain",
    summary: "Creates a business chain with its channel. For installation administrators.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/chains`,
    permission: "platform:chain:create",
    mutating: true,
    input: Type.Object({
      name,
      remark: Type.Optional(Type.String({ maxLength: 1024, description: "Free text." })),
      edition: Type.Optional(
        Type.Union([Type.Literal("standard"), Type.Literal("enterprise")], { description: "standard or enterprise." }),
      ),
      administratorUid: Type.Optional(uid),
      validDays: Type.Optional(Type.Integer({ minimum: 1, description: "Days from now until the chain expires." })),
      cryptography: Type.Optional(cryptography),
      blockCutting: Type.Optional(
        Type.Object(
          {
            messageCountMax: Type.Optional(messageCountMax),
            bytesMax: Type.Optional(bytesMax),
            timeoutMs: Type.Optional(timeoutMs),
            cutWhenIdle: Type.Optional(cutWhenIdle),
          },
          {
            additionalProperties: false,
            description: "How the channel cuts blocks, as JSON; what is left out is as on other chains.",
          },
        ),
      ),
    }),
    wire: {
      name: inBody("name"),
      remark: inBody("remark"),
      edition: inBody("edition"),
      administratorUid: inBody("administratorUid"),
      validDays: inBody("validDays"),
      blockCutting: inBody("blockCutting"),
      cryptography: inBody("cryptography"),
    },
    output: membership,
    errors: [
      "ACCESS_DENIED",
      "ACCOUNT_UNKNOWN",
      "CHAIN_NAME_INVALID",
      "REMARK_INVALID",
      "VALIDITY_INVALID",
      "BLOCK_CUTTING_INVALID",
      "SERVICE_NOT_OPENED",
    ],
    example: { input: { name: "Cold-chain", edition: "standard", validDays: 365 }, output: exampleMembership },
  }),
  addChainMember: operation({
    id: "native:addChainMember",
    summary: "Adds a RAM user to a business chain; its organization joins the channel.",
    source: SOURCE,
    methods: POST,
    status: 201,
    path: `${BASE}/chains/{id}/members`,
    permission: "ltl:member:create",
    mutating: true,
    input: Type.Object({ bizChainId, memberUid: uid }),
    wire: { bizChainId: inPath("id"), memberUid: inBody("memberUid") },
    output: membership,
    errors: ["ACCESS_DENIED", "CHAIN_UNKNOWN", "ACCOUNT_UNKNOWN", "ACCOUNT_KIND_REFUSED", "MEMBER_EXISTS"],
    example: {
      input: { bizChainId: "4899730875490001", memberUid: "2000000000000001" },
      output: { ...exampleMembership, role: "member", dataTypeCode: "0X59" },
    },
  }),
};
