import { decimalInteger, type Static, Type } from "@concordat/api-kit";
import { platformLimits } from "@concordat/platform/limits";
import { inQuery } from "./common.ts";

/** Fields and answers that business chains, their members and what stands on them share. */
const { chainPageSizeMax, blockCutting: bounds, chainQuotas } = platformLimits;

export const blockCuttingFields = {
  messageCountMax: Type.Integer({ ...bounds.messageCountMax, description: "Transactions that fill a block." }),
  bytesMax: Type.Integer({ ...bounds.bytesMax, description: "Bytes that fill a block." }),
  timeoutMs: Type.Integer({ ...bounds.timeoutMs, description: "Time after which a block is cut though not full." }),
  cutWhenIdle: Type.Boolean({
    description:
      "Cuts as soon as the disk is idle. Otherwise each write waits until its block is full or the time is over.",
  }),
};

export const cryptography = Type.Union([Type.Literal("international"), Type.Literal("sm")], {
  description: "sm: proofs carry an SM3 root and SM2 signatures besides SHA-256 and Ed25519.",
});

export const service = Type.Union([Type.Literal("proof"), Type.Literal("collaboration")], {
  description: "proof: evidence under keys. collaboration: data of phases that several parties write.",
});

const quota = (name: keyof typeof chainQuotas, description: string) =>
  Type.Integer({ minimum: 0, maximum: chainQuotas[name], description });
const quotaFields = {
  countQuota: quota("countQuota", "Records."),
  capacityQuotaBytes: quota("capacityQuotaBytes", "Bytes of all values."),
  memberQuota: quota("memberQuota", "Members, the administrator not counted."),
  phaseGroupQuota: quota("phaseGroupQuota", "Phase groups, of a collaboration chain."),
  phaseQuota: quota("phaseQuota", "Phases of each group."),
};

export const quotas = Type.Object(
  {
    countQuota: Type.Optional(quotaFields.countQuota),
    capacityQuotaBytes: Type.Optional(quotaFields.capacityQuotaBytes),
    memberQuota: Type.Optional(quotaFields.memberQuota),
    phaseGroupQuota: Type.Optional(quotaFields.phaseGroupQuota),
    phaseQuota: Type.Optional(quotaFields.phaseQuota),
  },
  { additionalProperties: false, description: "How much may be on the chain, as JSON, in whole or in part." },
);

const chainFields = {
  bizChainId: Type.String(),
  service,
  bizChainCode: Type.String(),
  channelId: Type.String(),
  name: Type.String(),
  remark: Type.String(),
  edition: Type.Union([Type.Literal("standard"), Type.Literal("enterprise")]),
  administratorUid: Type.String(),
  effectiveMs: Type.Integer(),
  expiresMs: Type.Integer(),
  ...quotaFields,
  blockCutting: Type.Object(blockCuttingFields),
  cryptography,
};

export const chainAnswer = Type.Object(chainFields);

const membershipFields = {
  ...chainFields,
  memberId: Type.String({ description: "Of the place on the chain: it stays when another RAM user gets it." }),
  role: Type.Union([Type.Literal("administrator"), Type.Literal("member")]),
  locked: Type.Boolean({ description: "A locked member may do nothing on the chain." }),
  dataTypeCode: Type.String({ description: "What evidence keys of its data carry." }),
};

/** A chain, and the place of somebody on it. */
export const membershipAnswer = Type.Object(membershipFields);

export const memberAnswer = Type.Object({
  memberId: Type.String(),
  uid: Type.String(),
  name: Type.String(),
  contact: Type.String(),
  phone: Type.String(),
  remark: Type.String(),
  locked: Type.Boolean(),
  dataTypeCode: Type.String(),
  createdMs: Type.Integer(),
});

export const newMemberAnswer = Type.Object({ ...membershipFields, member: memberAnswer });

const page = Type.Optional(Type.Integer({ minimum: 1, description: "From 1, which is the default." }));
const pageSize = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: chainPageSizeMax,
    description: `By default ${chainPageSizeMax}, which is the most.`,
  }),
);

/** Of lists of chains, and of what stands on a chain. */
export const chainPaging = { page, pageSize };
export const chainPagingWire = { page: inQuery("page", decimalInteger), pageSize: inQuery("pageSize", decimalInteger) };

export const exampleChain: Static<typeof chainAnswer> = {
  bizChainId: "4899730875490001",
  service: "proof",
  bizChainCode: "HB5jyvZWzwcMFSFg",
  channelId: "ltl-1",
  name: "Cold-chain",
  remark: "",
  edition: "standard",
  administratorUid: "1000000000000001",
  effectiveMs: 1586125838680,
  expiresMs: 1666125838680,
  countQuota: 10_000_000,
  capacityQuotaBytes: 800_000_000_000,
  memberQuota: 100,
  phaseGroupQuota: 200,
  phaseQuota: 5,
  blockCutting: { messageCountMax: 500, bytesMax: 2_097_152, timeoutMs: 2_000, cutWhenIdle: true },
  cryptography: "international",
};

export const exampleMembership: Static<typeof membershipAnswer> = {
  ...exampleChain,
  memberId: "5300000000000001",
  role: "administrator",
  locked: false,
  dataTypeCode: "0X58",
};

export const exampleMember: Static<typeof memberAnswer> = {
  memberId: "5300000000000002",
  uid: "2000000000000001",
  name: "truck-7",
  contact: "Ada",
  phone: "0571-12345678",
  remark: "",
  locked: false,
  dataTypeCode: "0X59",
  createdMs: 1586125838680,
};
