import type { OutputCodec } from "@concordat/api-kit";

/**
 * The data part of each answer: names, order and types of the document's examples. Numbers that the examples print in quotes are text.
 * The decoders are the typed client's side.
 */
export const textAnswer: OutputCodec<string> = {
  encode: (text) => ({ data: text }),
  decode: ({ data }) => String(data),
};

export const countAnswer: OutputCodec<number> = {
  encode: (count) => ({ data: String(count) }),
  decode: ({ data }) => Number(data),
};

interface ProofChainPage {
  page: number;
  pageSize: number;
  total: number;
  chains: {
    role: "administrator" | "member";
    bizChainId: string;
    dataTypeCode: string;
    bizChainCode: string;
    remark: string;
    name: string;
  }[];
}

interface ProofChainData {
  PageData: {
    RoleType: string;
    BizChainId: string;
    DataTypeCode: string;
    BizChainCode: string;
    Remark: string;
    Name: string;
  }[];
  Size: number;
  Num: number;
  Total: number;
}

export const proofChainAnswer: OutputCodec<ProofChainPage> = {
  encode(output) {
    const data: ProofChainData = {
      PageData: output.chains.map((chain) => ({
        RoleType: chain.role === "administrator" ? "ADMIN" : "MEMBER",
        BizChainId: chain.bizChainId,
        DataTypeCode: chain.dataTypeCode,
        BizChainCode: chain.bizChainCode,
        Remark: chain.remark,
        Name: chain.name,
      })),
      Size: output.pageSize,
      Num: output.page,
      Total: output.total,
    };
    return { data };
  },
  decode(answer) {
    const data = answer.data as ProofChainData;
    return {
      page: data.Num,
      pageSize: data.Size,
      total: data.Total,
      chains: data.PageData.map((item) => ({
        role: item.RoleType === "ADMIN" ? "administrator" : "member",
        bizChainId: item.BizChainId,
        dataTypeCode: item.DataTypeCode,
        bizChainCode: item.BizChainCode,
        remark: item.Remark,
        name: item.Name,
      })),
    };
  },
};

interface Resource {
  status: "normal" | "expired";
  edition: "standard" | "enterprise";
  effectiveMs: number;
  expiresMs: number;
  region: string;
}

interface ResourceData {
  Status: string;
  AuthorizeType: string;
  EffectiveTime: number;
  ExpiredTime: number;
  Region: string;
}

const ENTERPRISE = "企业版";
const STANDARD = "标准版";

export const resourceAnswer: OutputCodec<Resource> = {
  encode(output) {
    const data: ResourceData = {
      Status: output.status === "normal" ? "NORMAL" : "EXPIRED",
      AuthorizeType: output.edition === "enterprise" ? ENTERPRISE : STANDARD,
      EffectiveTime: output.effectiveMs,
      ExpiredTime: output.expiresMs,
      Region: output.region,
    };
    return { data };
  },
  decode(answer) {
    const data = answer.data as ResourceData;
    return {
      status: data.Status === "NORMAL" ? "normal" : "expired",
      edition: data.AuthorizeType === ENTERPRISE ? "enterprise" : "standard",
      effectiveMs: data.EffectiveTime,
      expiresMs: data.ExpiredTime,
      region: data.Region,
    };
  },
};

interface Capacity {
  countQuota: number;
  capacityQuotaBytes: number;
  usedCount: number;
  usedCapacityBytes: number;
  memberUsedCount: number;
  memberUsedCapacityBytes: number;
}

interface CapacityData {
  CountQuota: number;
  MemberUsedCapacity: number;
  CapacityQuota: number;
  UsedCapacity: number;
  UsedCount: number;
  MemberUsedCount: number;
}

export const capacityAnswer: OutputCodec<Capacity> = {
  encode(output) {
    const data: CapacityData = {
      CountQuota: output.countQuota,
      MemberUsedCapacity: output.memberUsedCapacityBytes,
      CapacityQuota: output.capacityQuotaBytes,
      UsedCapacity: output.usedCapacityBytes,
      UsedCount: output.usedCount,
      MemberUsedCount: output.memberUsedCount,
    };
    return { data };
  },
  decode(answer) {
    const data = answer.data as CapacityData;
    return {
      countQuota: data.CountQuota,
      capacityQuotaBytes: data.CapacityQuota,
      usedCount: data.UsedCount,
      usedCapacityBytes: data.UsedCapacity,
      memberUsedCount: data.MemberUsedCount,
      memberUsedCapacityBytes: data.MemberUsedCapacity,
    };
  },
};

interface BlockChainInfo {
  chainName: string;
  blockHeight: number;
  transactionHash: string;
  iotId: string;
  endorsementNames: string[];
  timestampMs: number;
  blockHash: string;
  previousHash: string;
  dataHash: string;
}

/** `Data` is JSON text in a string. Organization names are joined by commas, so a comma in one is not kept apart. */
export const blockChainInfoAnswer: OutputCodec<BlockChainInfo> = {
  encode: (output) => ({
    data: JSON.stringify({
      blockChainInfo: {
        chainName: output.chainName,
        blockHeight: output.blockHeight,
        transactionHash: output.transactionHash,
        iotId: output.iotId,
        endorsementNames: output.endorsementNames.join(","),
        timestamp: String(output.timestampMs),
        blockHash: output.blockHash,
        previousHash: output.previousHash,
        dataHash: output.dataHash,
      },
    }),
  }),
  decode({ data }) {
    const { endorsementNames, timestamp, ...rest } = JSON.parse(String(data)).blockChainInfo;
    const names = String(endorsementNames);
    return {
      ...rest,
      endorsementNames: names === "" ? [] : names.split(","),
      timestampMs: Number(timestamp),
    };
  },
};

interface HistoryRow {
  chainName: string;
  dataTypeCode: string;
  block: number;
  businessId: string;
  total: number;
  value: string;
  txId: string;
  rank: number;
  timestampMs: number;
}

interface HistoryRowData {
  chainName: string;
  code: string;
  blockHeight: string;
  businessId: string;
  totalCount: string;
  value: string;
  transactionHash: string;
  seq: string;
  timestamp: string;
}

/**
 * `Data` holds a list named `Data`. The document's table says list; its example prints the list as JSON text inside `Data.Data`, on which the
 * official Java client fails. The client decides (see README.md).
 */
export const historyAnswer: OutputCodec<HistoryRow[]> = {
  encode: (rows) => ({
    data: {
      Data: rows.map(
        (row): HistoryRowData => ({
          chainName: row.chainName,
          code: row.dataTypeCode,
          blockHeight: String(row.block),
          businessId: row.businessId,
          totalCount: String(row.total),
          value: row.value,
          transactionHash: row.txId,
          seq: String(row.rank),
          timestamp: String(row.timestampMs),
        }),
      ),
    },
  }),
  decode({ data }) {
    return (data as { Data: HistoryRowData[] }).Data.map((row) => ({
      chainName: row.chainName,
      dataTypeCode: row.code,
      block: Number(row.blockHeight),
      businessId: row.businessId,
      total: Number(row.totalCount),
      value: row.value,
      txId: row.transactionHash,
      rank: Number(row.seq),
      timestampMs: Number(row.timestamp),
    }));
  },
};
