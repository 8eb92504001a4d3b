import { type OutputCodec, operationFor, type TObject, Type, type WireField } from "@concordat/api-kit";
import type { PlatformErrorCode } from "@concordat/platform";

export const operation = operationFor<PlatformErrorCode>();

export const DOCUMENT = "LTL server-side development guide, 2021-01-06";
export const METHODS = ["GET", "POST"] as const;
export const PATH = "/";

/** All actions share one URL: a row is found by this parameter. */
export const action = (value: string) => ({ parameter: "Action", value }) as const;

export const parameter = (name: string, codec?: WireField["codec"]): WireField =>
  codec === undefined ? { in: "parameter", name } : { in: "parameter", name, codec };

/** Formats of keys and codes are the platform's to judge, because the document gives each fault a number of its own. */
export const evidenceFields = {
  chainCode: Type.String({ description: "Business-chain code: 16 letters and digits." }),
  key: Type.String({ description: "VERSION_CHAINCODE_TYPECODE_ID." }),
};
export const evidenceWire = { chainCode: parameter("ProductKey"), key: parameter("Key") } as const;

/** Of a further record, which is never a batch. */
export const singleValue = Type.String({ description: "Up to 256 bytes of UTF-8." });

export const evidenceValue = Type.String({
  description: "Up to 256 bytes of UTF-8, or a batch: a JSON array of up to 50 keys and values.",
});

/** Given with a write: the document's 64 hex characters. */
export const newBusinessId = Type.String({
  pattern: "^[0-9a-fA-F]{64}$",
  description: "64 hex characters, unique within the key.",
});
/** Named by a read: also the shorter decimal ids that the ledger gives where a write names none. */
export const businessId = Type.String({
  pattern: "^[0-9a-fA-F]{1,64}$",
  description: "Business id; the latest value when left out.",
});
export const bizChainId = Type.String({ pattern: "^[0-9]{16}$", description: "16 decimal digits." });
export const page = Type.Integer({ minimum: 1, description: "Page number, from 1." });
export const pageSize = Type.Integer({ minimum: 1, maximum: 100, description: "Records on a page, 1 to 100." });
export const pageOf = <Item extends TObject>(item: Item) =>
  Type.Object({ page: Type.Integer(), pageSize: Type.Integer(), total: Type.Integer(), items: Type.Array(item) });
export const memberUid = Type.String({ pattern: "^[0-9]{1,20}$", description: "UID of a RAM user: decimal digits." });
export const momentMs = Type.Integer({ minimum: 0, description: "Milliseconds since the epoch." });

export const TRANSACTIONS_HEADER = "concordat-tx";
export const writeOutput = Type.Object({
  txIds: Type.Array(Type.String({ pattern: "^[0-9a-f]{64}$" }), { description: "Transactions that the call made." }),
});

/** `Data` of a write says nothing; the transaction ids travel in a header, so that the vendor's body keeps its form. */
export const writeAnswer: OutputCodec<{ txIds: string[] }> = {
  encode: ({ txIds }) => ({ data: "", headers: { [TRANSACTIONS_HEADER]: txIds.join(",") } }),
  decode: ({ headers }) => ({ txIds: (headers?.[TRANSACTIONS_HEADER] ?? "").split(",").filter((id) => id !== "") }),
};

export const EXAMPLE_CHAIN = "HB5jyvZWzwcMFSFg";
export const EXAMPLE_KEY = `0001_${EXAMPLE_CHAIN}_0X58_80aa976ac4d64a97bd45c71a509d4c0b`;
export const EXAMPLE_TX = "ea8752787f79be085d9ee244a1b9ed0deb198903a14b9b1a6800b20fbf0d1c52";
export const EXAMPLE_BUSINESS_ID = "0000000000000000000000000000000000000000000000000000000000015f90";
export const EXAMPLE_BIZ_CHAIN = "4899730875490001";
export const EXAMPLE_MEMBER = "7175344570030001";
export const EXAMPLE_DEVICE_GROUP = "4750204547410001";
export const EXAMPLE_DEVICE = "6548878795570001";
