import { createHash } from "node:crypto";
import type { Parameters } from "./aliyun.ts";
import { authenticationCode, deviceParameters } from "./device-signature.ts";
import type { LtlWorld } from "./ltl-world.ts";

/** A refusal of one action: a call that is in order but for one change. */
export interface LtlErrorRow {
  readonly code: number | string;
  readonly status: number;
  readonly what: string;
  /** Section of the LTL document. */
  readonly source: string;
  readonly action: string;
  change(parameters: Parameters, world: LtlWorld): Parameters;
}

const MINUTES_16 = 16 * 60_000;

const row = (
  code: number | string,
  action: string,
  what: string,
  source: string,
  change: LtlErrorRow["change"] | Parameters,
): LtlErrorRow => ({
  code,
  action,
  what,
  source,
  status: typeof code === "number" ? 200 : code === "NoPermission" ? 403 : 400,
  change: (parameters, world) => ({
    ...parameters,
    ...(typeof change === "function" ? change(parameters, world) : change),
  }),
});

const without =
  (...names: readonly string[]) =>
  (parameters: Parameters): Parameters =>
    Object.fromEntries(Object.entries(parameters).filter(([name]) => !names.includes(name)));

const missing = (action: string, name: string, source: string): LtlErrorRow => ({
  ...row(`Missing${name}`, action, `no ${name}`, source, {}),
  change: without(name),
});

const textOf = (parameters: Parameters) =>
  parameters["PhaseDataList"] ?? parameters["PhaseData"] ?? parameters["Value"] ?? "";
const lowerDigest = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

/** Each upload by a device refuses the same faults of its signature. */
const signedActions = [
  ["SetDataWithSignature", "4.2.8.4"],
  ["AttachDataWithSignature", "4.2.8.8"],
  ["UploadMPCoSPhaseTextInfoByDevice", "4.2.9.13"],
  ["BatchUploadMPCoSPhaseTextInfoByDevice", "4.2.9.14"],
  ["UploadMPCoSPhaseDigestInfoByDevice", "4.2.9.17"],
  ["BatchUploadMPCoSPhaseDigestInfoByDevice", "4.2.9.18"],
] as const;

const deviceRows = signedActions.flatMap(([action, source]): LtlErrorRow[] => [
  ...["IotAuthType", "IotId", "IotIdServiceProvider", "IotDataDigest", "IotSignature"].map((name) =>
    row(-106, action, `empty ${name}`, "4.2.6", { [name]: "" }),
  ),
  row(-107, action, "authentication by another method", "4.2.6", { IotAuthType: "ID3" }),
  row(-110, action, "digest of 63 characters", "4.2.6", ({ IotDataDigest = "" }) => ({
    IotDataDigest: IotDataDigest.slice(1),
  })),
  row(-111, action, "digest of other data", "4.2.6", { IotDataDigest: lowerDigest("other data").toUpperCase() }),
  row(-118, action, "source 3", "4.2.6", { IotIdSource: "3" }),
  row(-106, action, "code that another key made", source, (parameters, { device }) =>
    deviceParameters({ ...device, key: "00".repeat(16) }, textOf(parameters)),
  ),
  row(-106, action, "code over another digest", source, (_, { device }) => ({
    IotSignature: authenticationCode(device, { extra: lowerDigest("other").toUpperCase() }),
  })),
  row(-106, action, "code that does not cover the data", source, (parameters, { device }) =>
    deviceParameters(device, textOf(parameters), { kind: "1", extra: "" }),
  ),
  row(-106, action, "code of a quarter of an hour ago", source, (parameters, { device }) =>
    deviceParameters(device, textOf(parameters), { challenge: String(Date.now() - MINUTES_16) }),
  ),
  row(-106, action, "code from the future", source, (parameters, { device }) =>
    deviceParameters(device, textOf(parameters), { challenge: String(Date.now() + MINUTES_16) }),
  ),
  row(-106, action, "device that nobody knows", source, (parameters, { device }) =>
    deviceParameters({ ...device, iotId: "0".repeat(24) }, textOf(parameters)),
  ),
  row("NoPermission", action, "product that has no group on the chain", source, {
    IotIdServiceProvider: "00000000000",
  }),
  missing(action, "IotId", source),
  missing(action, "IotSignature", source),
]);

const related = (change: Readonly<Record<string, string>>) => (parameters: Parameters) => {
  const list = JSON.parse(parameters["RelatedDataList"] ?? "[]") as object[];
  return { RelatedDataList: JSON.stringify(list.map((item) => ({ ...item, ...change }))) };
};
const items = (change: (list: Readonly<Record<string, unknown>>[]) => unknown) => (parameters: Parameters) => ({
  PhaseDataList: JSON.stringify(change(JSON.parse(parameters["PhaseDataList"] ?? "[]"))),
});

const TEXT = "UploadMPCoSPhaseTextInfo";
const DIGEST = "UploadMPCoSPhaseDigestInfo";
const BATCH = "BatchUploadMPCoSPhaseTextInfo";
const DIGEST_BATCH = "BatchUploadMPCoSPhaseDigestInfo";

const collaborationRows: readonly LtlErrorRow[] = [
  row(-103, TEXT, "empty data", "4.2.6", { PhaseData: "" }),
  row(-220, TEXT, "4097 bytes", "4.2.9.11", { PhaseData: "x".repeat(4097) }),
  row(-220, TEXT, "2048 characters of two and one of one", "4.2.9.11", { PhaseData: `${"汉".repeat(2048)}x` }),
  row(-317, TEXT, "record that is on chain", "4.2.6", (_, { record }) => ({
    DataKey: record.dataKey,
    DataSeq: record.dataSeq,
  })),
  row("InvalidParameter.PhaseData", DIGEST, "digest of 63 digits", "4.2.9.15", { PhaseData: "a".repeat(63) }),
  row("InvalidParameter.PhaseData", DIGEST, "digest of other letters", "4.2.9.15", { PhaseData: "g".repeat(64) }),
  row(-318, BATCH, "record that is on chain", "4.2.6", (parameters, { record }) =>
    items((list) => list.map((item) => ({ ...item, dataKey: record.dataKey, dataSeq: record.dataSeq })).slice(0, 1))(
      parameters,
    ),
  ),
  row(
    -219,
    BATCH,
    "one record twice",
    "4.2.6",
    items(([first]) => [first, first]),
  ),
  row(
    -221,
    BATCH,
    "51 items",
    "4.2.6",
    items(([first]) => Array.from({ length: 51 }, (_, index) => ({ ...first, dataKey: `k${index}` }))),
  ),
  row(
    -222,
    BATCH,
    "item of 4097 bytes",
    "4.2.9.12",
    items(([first]) => [{ ...first, phaseData: "x".repeat(4097) }]),
  ),
  row(
    "InvalidParameter.PhaseData",
    DIGEST_BATCH,
    "item that is no digest",
    "4.2.9.16",
    items(([first]) => [{ ...first, phaseData: "text" }]),
  ),
  row("InvalidParameter.PhaseDataList", BATCH, "empty list", "4.2.9.12", { PhaseDataList: "[]" }),
  row("InvalidParameter.PhaseDataList", BATCH, "no list", "4.2.9.12", { PhaseDataList: '{"dataKey":"k"}' }),
  row("InvalidParameter.PhaseDataList", BATCH, "broken JSON", "4.2.9.12", { PhaseDataList: '[{"dataKey"' }),
  row("InvalidParameter.DataKey", TEXT, "key of 65 characters", "4.2.9.11", { DataKey: "k".repeat(65) }),
  row("InvalidParameter.DataSeq", TEXT, "sequence of 65 characters", "4.2.9.11", { DataSeq: "s".repeat(65) }),
  row(
    "InvalidParameter.RelatedDataList",
    TEXT,
    "related data that differ",
    "4.2.9.11",
    related({ relatedPhaseData: "x" }),
  ),
  row(
    "InvalidParameter.RelatedDataList",
    TEXT,
    "related key that is not there",
    "4.2.9.11",
    related({ relatedDataKey: "x" }),
  ),
  row(
    "InvalidParameter.RelatedDataList",
    TEXT,
    "related sequence that is not there",
    "4.2.9.11",
    related({ relatedDataSeq: "x" }),
  ),
  row(
    "InvalidParameter.RelatedDataList",
    TEXT,
    "related phase that is not there",
    "4.2.9.11",
    related({ relatedPhaseId: "9999999999999999" }),
  ),
  row("InvalidParameter.PhaseId", TEXT, "phase that is not there", "4.2.9.11", { PhaseId: "9999999999999999" }),
  row("InvalidParameter.PhaseGroupId", TEXT, "group that is not there", "4.2.9.11", {
    PhaseGroupId: "9999999999999999",
  }),
  row("InvalidParameter.DataKey", "DescribeMPCoSPhaseInfo", "record that is not there", "4.2.9.19", {
    DataKey: "absent",
  }),
  row("InvalidParameter.DataKey", "DescribeMPCoSPhaseInfo", "sequence that is not there", "4.2.9.19", {
    DataSeq: "absent",
  }),
  row("InvalidParameter.EndTime", "ListMPCoSPhaseHistory", "window that ends before it starts", "4.2.9.20", {
    StartTime: "2",
    EndTime: "1",
  }),
  missing("ListMPCoSPhaseHistory", "StartTime", "4.2.9.20"),
  row("InvalidParameter.Size", "ListMPCoSPhaseHistory", "page of 101", "4.2.9.20", { Size: "101" }),
  row("InvalidParameter.AuthorizedPhaseList", "UpdateMPCoSAuthorizedInfo", "phase that is not there", "4.2.9.9", {
    AuthorizedPhaseList: '["9999999999999999"]',
  }),
  row("InvalidParameter.MemberId", "UpdateMPCoSAuthorizedInfo", "member that is not there", "4.2.9.9", {
    MemberId: "9999999999999999",
  }),
  row("InvalidParameter.Name", "CreateMPCoSPhaseGroup", "name of one character", "4.2.9.2", { Name: "某" }),
  row("InvalidParameter.Name", "CreateMPCoSPhase", "name with a space", "4.2.9.5", { Name: "a b" }),
  row("InvalidParameter.Remark", "CreateMPCoSPhaseGroup", "remark of 101 characters", "4.2.9.2", {
    Remark: "备".repeat(101),
  }),
  row("NoPermission", "CreateMPCoSPhaseGroup", "proof chain", "4.2.9.2", (_, { proof }) => ({
    BizChainId: proof.bizChainId,
  })),
];

const commonRows: readonly LtlErrorRow[] = [
  row(-104, "CreateMember", "account in place of a RAM user", "4.2.6", (_, { administrator }) => ({
    MemberUid: administrator.uid,
  })),
  row("InvalidParameter.MemberUid", "CreateMember", "user that is not there", "4.2.7.1", {
    MemberUid: "9999999999999999",
  }),
  row("InvalidParameter.MemberUid", "CreateMember", "user that is a member already", "4.2.7.1", (_, { member }) => ({
    MemberUid: member.uid,
  })),
  row("InvalidParameter.MemberName", "CreateMember", "name of 31 characters", "4.2.7.1", {
    MemberName: "某".repeat(31),
  }),
  row("InvalidParameter.MemberContact", "CreateMember", "contact of one character", "4.2.7.1", { MemberContact: "某" }),
  row("InvalidParameter.MemberPhone", "CreateMember", "letters in the phone number", "4.2.7.1", { MemberPhone: "12a" }),
  row("InvalidParameter.Remark", "CreateMember", "remark of 101 characters", "4.2.7.1", { Remark: "x".repeat(101) }),
  row("InvalidParameter.MemberPhone", "ModifyMember", "phone number of 21 digits", "4.2.7.3", {
    MemberPhone: "1".repeat(21),
  }),
  row("InvalidParameter.MemberId", "ModifyMember", "member that is not there", "4.2.7.3", {
    MemberId: "9999999999999999",
  }),
  row("InvalidParameter.MemberId", "LockMember", "member that is not there", "4.2.7.4", {
    MemberId: "9999999999999999",
  }),
  row("InvalidParameter.Size", "ListMember", "page of 101", "4.2.7.2", { Size: "101" }),
  row("InvalidParameter.AuthorizeType", "RegisterDeviceGroup", "another authentication", "4.2.7.6", {
    AuthorizeType: "X",
  }),
  row("InvalidParameter.ProductKey", "RegisterDeviceGroup", "product that is not there", "4.2.7.6", {
    ProductKey: "00000000000",
  }),
  row(
    "InvalidParameter.ProductKey",
    "RegisterDeviceGroup",
    "product that is registered",
    "4.2.7.6",
    (_, { device }) => ({
      ProductKey: device.productKey,
    }),
  ),
  row("InvalidParameter.DeviceGroupName", "RegisterDeviceGroup", "name of one character", "4.2.7.6", {
    DeviceGroupName: "x",
  }),
  row("InvalidParameter.DeviceGroupId", "AuthorizeDeviceGroup", "group that is not there", "4.2.7.8", {
    DeviceGroupId: "9999999999999999",
  }),
  row("InvalidParameter.DeviceId", "UnAuthorizeDevice", "device that is not there", "4.2.7.12", {
    DeviceId: "9999999999999999",
  }),
  row("InvalidParameter.DeviceGroupId", "ListDevice", "group that is not there", "4.2.7.10", {
    DeviceGroupId: "9999999999999999",
  }),
  row("NoPermission", "ListPSMemberDataTypeCode", "collaboration chain", "4.2.8.2", (_, { collaboration }) => ({
    BizChainId: collaboration.bizChainId,
  })),
];

export const ltlErrorRows: readonly LtlErrorRow[] = [...deviceRows, ...collaborationRows, ...commonRows];
