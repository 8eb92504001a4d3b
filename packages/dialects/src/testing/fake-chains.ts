import { hash } from "node:crypto";
import { ConcordatError } from "@concordat/base";
import type { BusinessChain, ChainMembership, DataPlatform, PlatformErrorCode } from "@concordat/platform";
import { ACCOUNT } from "./fake-principals.ts";

export const CHAIN_CODE = "HB5jyvZWzwcMFSFg";
export const BIZ_CHAIN_ID = "4899730875490001";
export const COLLABORATION_CHAIN_ID = "4899730875490002";

export function refuseWith(code: PlatformErrorCode, summary = `Refused with ${code}.`): ConcordatError {
  return new ConcordatError({ code, summary });
}

/** Notes a call, and throws what the test wants it to fail with. */
export type Enter = (call: string) => void;

export const CHAIN: BusinessChain = {
  bizChainId: BIZ_CHAIN_ID,
  service: "proof",
  bizChainCode: CHAIN_CODE,
  channelId: "ltl-1",
  name: "冷链 <Cold> & chain",
  remark: "Temperatures.",
  edition: "enterprise",
  administratorUid: ACCOUNT.uid,
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

const MEMBERSHIP: ChainMembership = {
  chain: CHAIN,
  memberId: "5300000000000001",
  role: "administrator",
  locked: false,
  dataTypeCode: "0X58",
};

const COLLABORATION: ChainMembership = {
  ...MEMBERSHIP,
  chain: {
    ...CHAIN,
    bizChainId: COLLABORATION_CHAIN_ID,
    service: "collaboration",
    bizChainCode: "kZ7pQm2VtR9xLc4N",
    channelId: "ltl-2",
    name: "Rice <from field> & shop",
  },
  memberId: "5300000000000002",
  dataTypeCode: "0X59",
};

export function fakeBlock(number: number) {
  const digest = (part: string) => hash("sha256", `${part}${number}`, "hex");
  return {
    number,
    headerHash: digest("header"),
    previousHash: digest("previous"),
    dataHash: digest("data"),
    transactionCount: 1,
  };
}

/** One chain of each service; the caller administers both. */
export function fakeChains(enter: Enter): DataPlatform["chains"] {
  const all = [MEMBERSHIP, COLLABORATION];
  const find = (bizChainId: string): ChainMembership => {
    const found = all.find(({ chain }) => chain.bizChainId === bizChainId);
    if (found === undefined) throw refuseWith("CHAIN_UNKNOWN");
    return found;
  };
  return {
    list: async (_caller, { name, service }) => {
      enter("chains.list");
      const items = all.filter(
        ({ chain }) =>
          (service === undefined || chain.service === service) && (name === undefined || chain.name === name),
      );
      return { total: items.length, items };
    },
    get: async (_caller, bizChainId) => {
      enter("chains.get");
      return { ...find(bizChainId), status: "normal" };
    },
    usage: async (_caller, bizChainId) => {
      enter("chains.usage");
      find(bizChainId);
      return { usedCount: 3, usedCapacityBytes: 30, memberUsedCount: 2, memberUsedCapacityBytes: 20 };
    },
    create: async (_caller, { name, service = "proof", quotas, blockCutting, cryptography = "international" }) => {
      enter("chains.create");
      const cutting = { ...CHAIN.blockCutting, ...blockCutting };
      return { ...MEMBERSHIP, chain: { ...CHAIN, name, service, ...quotas, blockCutting: cutting, cryptography } };
    },
    update: async (_caller, bizChainId, { quotas, ...changes }) => {
      enter("chains.update");
      return { ...find(bizChainId).chain, ...changes, ...quotas };
    },
  };
}
