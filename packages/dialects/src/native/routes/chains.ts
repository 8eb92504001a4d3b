import { Type } from "@concordat/api-kit";
import {
  blockCuttingFields,
  chainAnswer,
  chainPaging,
  chainPagingWire,
  cryptography,
  exampleChain,
  exampleMembership,
  membershipAnswer,
  quotas,
  service,
} from "./chain-fields.ts";
import { BASE, bizChainId, GET, inBody, inPath, inQuery, name, operation, PATCH, POST, SOURCE, uid } from "./common.ts";

const { messageCountMax, bytesMax, timeoutMs, cutWhenIdle } = blockCuttingFields;
const remark = Type.String({ maxLength: 1024, description: "Free text." });

/** Business chains. Who is on them is in members.ts. */
export const chainRoutes = {
  listChains: operation({
    id: "native:listChains",
    summary: "The business chains that the caller is on, without those that a lock keeps it from.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/chains`,
    permission: "ltl:service:use",
    mutating: false,
    input: Type.Object({ ...chainPaging, service: Type.Optional(service), name: Type.Optional(name) }),
    wire: { ...chainPagingWire, service: inQuery("service"), name: inQuery("name") },
    output: Type.Object({ total: Type.Integer(), chains: Type.Array(membershipAnswer) }),
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
      service: Type.Optional(service),
      remark: Type.Optional(remark),
      edition: Type.Optional(
        Type.Union([Type.Literal("standard"), Type.Literal("enterprise")], { description: "standard or enterprise." }),
      ),
      administratorUid: Type.Optional(uid),
      validDays: Type.Optional(Type.Integer({ minimum: 1, description: "Days from now until the chain expires." })),
      quotas: Type.Optional(quotas),
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
      service: inBody("service"),
      remark: inBody("remark"),
      edition: inBody("edition"),
      administratorUid: inBody("administratorUid"),
      validDays: inBody("validDays"),
      quotas: inBody("quotas"),
      blockCutting: inBody("blockCutting"),
      cryptography: inBody("cryptography"),
    },
    output: membershipAnswer,
    errors: [
      "ACCESS_DENIED",
      "ACCOUNT_UNKNOWN",
      "CHAIN_NAME_INVALID",
      "REMARK_INVALID",
      "VALIDITY_INVALID",
      "QUOTA_INVALID",
      "BLOCK_CUTTING_INVALID",
      "SERVICE_NOT_OPENED",
    ],
    example: {
      input: {
        name: "Cold-chain",
        service: "proof",
        edition: "standard",
        validDays: 365,
        quotas: { memberQuota: 100 },
      },
      output: exampleMembership,
    },
  }),
  updateChain: operation({
    id: "native:updateChain",
    summary:
      "Changes a business chain's terms; what is left out stays. For installation administrators, on the chain or not.",
    source: SOURCE,
    methods: PATCH,
    path: `${BASE}/chains/{id}`,
    permission: "platform:chain:update",
    mutating: true,
    input: Type.Object({
      bizChainId,
      name: Type.Optional(name),
      remark: Type.Optional(remark),
      expiresMs: Type.Optional(
        Type.Integer({
          minimum: 0,
          description: "When it expires, in milliseconds since the epoch; a moment in the past: at once.",
        }),
      ),
      quotas: Type.Optional(quotas),
    }),
    wire: {
      bizChainId: inPath("id"),
      name: inBody("name"),
      remark: inBody("remark"),
      expiresMs: inBody("expiresMs"),
      quotas: inBody("quotas"),
    },
    output: chainAnswer,
    errors: [
      "ACCESS_DENIED",
      "CHAIN_UNKNOWN",
      "CHAIN_NAME_INVALID",
      "REMARK_INVALID",
      "VALIDITY_INVALID",
      "QUOTA_INVALID",
    ],
    example: {
      input: { bizChainId: "4899730875490001", quotas: { memberQuota: 100 } },
      output: exampleChain,
    },
  }),
};
