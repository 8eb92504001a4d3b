import { type Answer, encodeParameters, type Parameters, signedParameters } from "./aliyun.ts";
import { batch, type ErrorWorld } from "./error-world.ts";

/** One documented refusal and a request that earns it, with everything else in order. */
export interface ErrorRow {
  readonly code: number | string;
  /** Where the code stands: a section of the LTL document, or the gateway's public error table. */
  readonly source: string;
  readonly what: string;
  readonly status: number;
  provoke(world: ErrorWorld): Promise<Answer>;
}

const TABLE = "4.2.6";
const GATEWAY = "gateway";
const DAY_MS = 86_400_000;

const refused = (code: number, what: string, provoke: ErrorRow["provoke"], source = TABLE): ErrorRow => ({
  code,
  source,
  what,
  status: 200,
  provoke,
});

const gateway = (
  status: number,
  code: string,
  what: string,
  provoke: ErrorRow["provoke"],
  source = GATEWAY,
): ErrorRow => ({
  code,
  source,
  what,
  status,
  provoke,
});

type Changes = Parameters;

const set = (changes: (world: ErrorWorld) => Changes) => (world: ErrorWorld) =>
  world.caller.call("SetData", world.write(changes(world)), { method: "POST" });

const get = (changes: (world: ErrorWorld) => Changes) => (world: ErrorWorld) =>
  world.caller.call("GetData", world.read(changes(world)));

const setBatch = (items: (world: ErrorWorld) => [string, string][]) =>
  set((world) => ({ Key: world.key("batch"), Value: batch(items(world)) }));

const history = (changes: (world: ErrorWorld) => Changes) => (world: ErrorWorld) =>
  world.caller.call("GetHistoryDataList", world.read({ CurrentPage: "1", PageSize: "10", ...changes(world) }));

const overriding = (overrides: Record<string, string | undefined>) => (world: ErrorWorld) =>
  world.caller.call("GetData", world.read(), { overrides });

/** Refusals of the ledger service: HTTP 200, `Success` false, a negative number. */
export const businessRows: readonly ErrorRow[] = [
  refused(
    -101,
    "chain code of 15 characters",
    get(() => ({ ProductKey: "HB5jyvZWzwcMFSF" })),
  ),
  refused(
    -102,
    "key of three parts",
    get(() => ({ Key: "0001_HB5jyvZWzwcMFSFg_0X58" })),
  ),
  refused(
    -102,
    "key of an unknown version",
    set((world) => ({ Key: world.key("x").replace(/^0001/, "0009") })),
  ),
  refused(
    -103,
    "empty value",
    set(() => ({ Value: "" })),
  ),
  refused(-104, "account of a member that is a RAM user", ({ caller, read, memberAccount }) =>
    caller.call("GetData", read(), { key: memberAccount }),
  ),
  refused(
    -105,
    "key of another chain code",
    get((world) => ({ ProductKey: world.secondChain.productKey })),
  ),
  refused(-113, "ApiVersion 2.0.0", ({ caller, read }) =>
    caller.call("GetData", read(), { overrides: { ApiVersion: "2.0.0" } }),
  ),
  refused(-115, "data-type code of another chain", ({ caller, read, productKey, secondChain }) =>
    caller.call("GetData", read({ Key: `0001_${productKey}_${secondChain.dataTypeCode}_x` })),
  ),
  refused(
    -218,
    "batch item of another data-type code",
    setBatch((world) => [[`0001_${world.productKey}_${world.secondChain.dataTypeCode}_a`, "1"]]),
  ),
  refused(
    -219,
    "key twice in a batch",
    setBatch((world) => [
      [world.key("twice"), "1"],
      [world.key("twice"), "2"],
    ]),
  ),
  refused(
    -220,
    "value of 257 bytes",
    set(() => ({ Value: `${"汉".repeat(85)}ab` })),
  ),
  refused(
    -221,
    "batch of 51 items",
    setBatch((world) => Array.from({ length: 51 }, (_, index) => [world.key(`item-${index}`), "1"])),
  ),
  refused(
    -222,
    "batch item of 257 bytes",
    setBatch((world) => [[world.key("long"), "x".repeat(257)]]),
  ),
  refused(-305, "data-type code that nobody has", ({ caller, read, productKey, bootstrap, secondChain }) => {
    const taken = [bootstrap.aliyun.proofChain.dataTypeCode, secondChain.dataTypeCode];
    const free = ["ZZZY", "ZZZZ", "YYYY"].find((code) => !taken.includes(code)) ?? "";
    return caller.call("GetData", read({ Key: `0001_${productKey}_${free}_x` }));
  }),
  refused(
    -317,
    "key that is on chain",
    set((world) => ({ Key: world.existing })),
  ),
  refused(
    -318,
    "batch key that is on chain",
    setBatch((world) => [
      [world.key("new"), "1"],
      [world.existing, "2"],
    ]),
  ),
  refused(-339, "account that has not opened the service", ({ caller, read, withoutService }) =>
    caller.call("GetData", read(), { key: withoutService }),
  ),
];

/** Refusals of the gateway in front of it: HTTP 4xx and a text code. */
export const gatewayRows: readonly ErrorRow[] = [
  gateway(404, "InvalidAccessKeyId.NotFound", "unknown access key", ({ caller, read }) =>
    caller.call("GetData", read(), { key: { accessKeyId: "LTAI0000000000000000unknown", accessKeySecret: "x" } }),
  ),
  gateway(400, "InvalidAccessKeyId.Inactive", "disabled access key", ({ caller, read, disabled }) =>
    caller.call("GetData", read(), { key: disabled }),
  ),
  gateway(400, "SignatureDoesNotMatch", "wrong secret", ({ caller, read, bootstrap }) =>
    caller.call("GetData", read(), { key: { ...bootstrap.aliyun, accessKeySecret: "wrong" } }),
  ),
  gateway(400, "IncompleteSignature", "no signature", ({ caller, read, bootstrap }) => {
    const { Signature: _signature, ...rest } = signedParameters("GetData", read(), bootstrap.aliyun, "GET");
    return caller.raw({ method: "GET", path: `/?${encodeParameters(rest)}` });
  }),
  gateway(400, "SignatureNonceUsed", "the same signed call again", async ({ caller, read, bootstrap }) => {
    const path = `/?${encodeParameters(signedParameters("GetData", read(), bootstrap.aliyun, "GET"))}`;
    await caller.raw({ method: "GET", path });
    return caller.raw({ method: "GET", path });
  }),
  gateway(400, "InvalidTimeStamp.Expired", "timestamp of yesterday", (world) => {
    const Timestamp = new Date(Date.now() - DAY_MS).toISOString().replace(/\.\d+Z$/, "Z");
    return overriding({ Timestamp })(world);
  }),
  gateway(400, "InvalidTimeStamp.Format", "timestamp that is none", overriding({ Timestamp: "yesterday" })),
  gateway(400, "MissingAction", "no action", overriding({ Action: undefined })),
  gateway(400, "MissingVersion", "no version", overriding({ Version: undefined })),
  gateway(400, "MissingAccessKeyId", "no access key", overriding({ AccessKeyId: undefined })),
  gateway(400, "MissingTimestamp", "no timestamp", overriding({ Timestamp: undefined })),
  gateway(400, "IncompleteSignature", "no nonce", overriding({ SignatureNonce: undefined })),
  gateway(400, "MissingApiVersion", "no ApiVersion", overriding({ ApiVersion: undefined })),
  gateway(400, "MissingKey", "no key", ({ caller, productKey }) => caller.call("GetData", { ProductKey: productKey })),
  gateway(400, "MissingValue", "no value", ({ caller, productKey, key }) =>
    caller.call("SetData", { ProductKey: productKey, Key: key("fresh") }),
  ),
  gateway(400, "MissingBizChainId", "no chain id", ({ caller }) => caller.call("DescribeCapacityInfo", {})),
  gateway(404, "InvalidAction.NotFound", "unknown action", ({ caller }) => caller.call("DropEverything", {})),
  gateway(400, "InvalidVersion", "unknown version", overriding({ Version: "2099-01-01" })),
  gateway(400, "UnsupportedHTTPMethod", "PUT", ({ caller, read, bootstrap }) =>
    caller.raw({
      method: "PUT",
      path: `/?${encodeParameters(signedParameters("GetData", read(), bootstrap.aliyun, "PUT"))}`,
    }),
  ),
  gateway(400, "UnsupportedOperation", "JSON body", ({ caller, write, bootstrap }) =>
    caller.raw({
      method: "POST",
      path: `/?${encodeParameters(signedParameters("SetData", write(), bootstrap.aliyun, "POST"))}`,
      headers: { "content-type": "application/json" },
      body: "{}",
    }),
  ),
  gateway(403, "NoPermission", "caller who is not on the chain", ({ caller, read, stranger }) =>
    caller.call("GetData", read(), { key: stranger }),
  ),
  gateway(403, "NoPermission", "member writing under another's data-type code", ({ caller, write, member }) =>
    caller.call("SetData", write(), { key: member }),
  ),
  gateway(403, "NoPermission", "chain id that there is not", ({ caller }) =>
    caller.call("DescribeResourceInfo", { BizChainId: "0000000000000000" }),
  ),
  gateway(400, "InvalidParameter.Format", "unknown format", overriding({ Format: "YAML" })),
  gateway(400, "InvalidParameter.SignatureMethod", "unknown signature method", overriding({ SignatureMethod: "MD5" })),
  gateway(
    400,
    "InvalidParameter.SignatureVersion",
    "unknown signature version",
    overriding({ SignatureVersion: "9.9" }),
  ),
  gateway(400, "InvalidParameter.BizChainId", "chain id of letters", ({ caller }) =>
    caller.call("DescribeResourceInfo", { BizChainId: "abc" }),
  ),
  gateway(
    400,
    "InvalidParameter.Size",
    "page size 101",
    ({ caller }) => caller.call("ListProofChain", { Num: "1", Size: "101" }),
    "4.2.8.1",
  ),
  gateway(
    400,
    "InvalidParameter.Num",
    "page 0",
    ({ caller }) => caller.call("ListProofChain", { Num: "0", Size: "10" }),
    "4.2.8.1",
  ),
  gateway(
    400,
    "InvalidParameter.Key",
    "key that is not on chain",
    get((world) => ({ Key: world.key("absent") })),
  ),
  gateway(
    400,
    "InvalidParameter.BusinessId",
    "business id of 63 digits",
    get(() => ({ BusinessId: "a".repeat(63) })),
    "4.2.8.5",
  ),
  gateway(
    400,
    "InvalidParameter.PageSize",
    "history page size 101",
    history(() => ({ PageSize: "101" })),
    "4.2.8.10",
  ),
  gateway(
    400,
    "InvalidParameter.EndTime",
    "history window of 31 days",
    history(() => ({ StartTime: String(Date.now() - 31 * DAY_MS), EndTime: String(Date.now()) })),
    "4.2.8.10",
  ),
  gateway(
    400,
    "InvalidParameter.EndTime",
    "history window that ends before it starts",
    history(() => ({ StartTime: String(Date.now()), EndTime: String(Date.now() - 1) })),
    "4.2.8.10",
  ),
  gateway(
    400,
    "InvalidParameter.StartTime",
    "history of more than 500 rows without times",
    history((world) => ({ Key: world.longHistory })),
    "4.2.8.10",
  ),
];

const form = { "content-type": "application/x-www-form-urlencoded" };

/** Requests that are malformed beneath the documented codes. */
export const malformedRows: readonly ErrorRow[] = [
  gateway(400, "InvalidParameter.Key", "parameter given twice", ({ caller, read, bootstrap }) => {
    const query = encodeParameters(signedParameters("GetData", read(), bootstrap.aliyun, "GET"));
    return caller.raw({ method: "GET", path: `/?${query}&Key=again` });
  }),
  gateway(400, "InvalidParameter.Value", "invalid UTF-8 in a form", ({ caller, bootstrap, read }) => {
    const query = encodeParameters(signedParameters("SetData", read(), bootstrap.aliyun, "POST"));
    return caller.raw({ method: "POST", path: `/?${query}`, headers: form, body: "Value=%C3%28" });
  }),
  gateway(400, "InvalidParameter", "raw bytes that are no UTF-8 in a form", ({ caller, bootstrap, read }) => {
    const query = encodeParameters(signedParameters("SetData", read(), bootstrap.aliyun, "POST"));
    const body = Buffer.concat([Buffer.from("Value="), Buffer.from([0xff, 0xfe])]);
    return caller.raw({ method: "POST", path: `/?${query}`, headers: form, body });
  }),
  gateway(400, "InvalidParameter", "body of a megabyte", ({ caller }) =>
    caller.raw({ method: "POST", path: "/?Action=SetData", headers: form, body: "a=b&".repeat(262_144) }),
  ),
];

/** Every code of the document's table. */
export const documentedCodes = [
  -101, -102, -103, -104, -105, -106, -107, -110, -111, -113, -115, -118, -218, -219, -220, -221, -222, -305, -317,
  -318, -320, -339,
] as const;
