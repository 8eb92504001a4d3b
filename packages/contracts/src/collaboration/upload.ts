import type { ContractContext, ContractStub } from "@concordat/ledger/contract-api";
import type { UploadingDeviceJson } from "../devices/answers.ts";
import { parseDevice, recordUpload, type StoredDeviceParts } from "../devices/uploads.ts";
import { transactionTimeMs } from "../stub-rows.ts";
import type { PhaseItemJson, UploadedItemJson } from "./answers.ts";
import { requireWriter } from "./callers.ts";
import { assignSequence, type StoredData } from "./data.ts";
import { DataKeys } from "./data-keys.ts";
import { type DataKind, parseItem, parseItems } from "./items.ts";
import { refuse } from "./refusals.ts";
import { Relations } from "./relations.ts";
import { requirePhase } from "./rows.ts";

/**
 * Writes one record whose text stands on chain.
 * @param itemJson JSON {@link PhaseItemJson}
 * @param deviceJson the device that uploads it, as ../devices/uploads.ts parses it
 * @returns JSON array with one {@link UploadedItemJson}
 * @throws ContractRefusal PHASE_DATA_LIST_INVALID, PHASE_DATA_KEY_MALFORMED, PHASE_DATA_SEQUENCE_MALFORMED, VALUE_EMPTY, VALUE_MALFORMED,
 * VALUE_TOO_LONG, DEVICE_MALFORMED, PHASE_GROUP_UNKNOWN, PHASE_UNKNOWN, ACCESS_DENIED, DEVICE_SIGNATURE_REFUSED, KEY_EXISTS,
 * RELATED_DATA_REFUSED
 */
export function uploadText(context: ContractContext, groupId = "", phaseId = "", itemJson = "", deviceJson = "") {
  return uploadOne(context, "text", { groupId, phaseId, json: itemJson, deviceJson });
}

/**
 * Writes one record of whose data only the SHA-256 stands on chain.
 * @throws ContractRefusal as {@link uploadText}, with PHASE_DIGEST_MALFORMED in place of VALUE_TOO_LONG
 */
export function uploadDigest(context: ContractContext, groupId = "", phaseId = "", itemJson = "", deviceJson = "") {
  return uploadOne(context, "digest", { groupId, phaseId, json: itemJson, deviceJson });
}

/**
 * Writes 1 to 50 records, or none.
 * @param itemsJson JSON array of {@link PhaseItemJson}
 * @returns JSON array of {@link UploadedItemJson}
 * @throws ContractRefusal as {@link uploadText}, and BATCH_TOO_LARGE, BATCH_KEY_REPEATED; BATCH_VALUE_TOO_LONG and BATCH_KEY_EXISTS in place of
 * VALUE_TOO_LONG and KEY_EXISTS
 */
export function uploadTextBatch(context: ContractContext, groupId = "", phaseId = "", itemsJson = "", deviceJson = "") {
  return uploadBatch(context, "text", { groupId, phaseId, json: itemsJson, deviceJson });
}

/** @throws ContractRefusal as {@link uploadTextBatch}, with PHASE_DIGEST_MALFORMED in place of BATCH_VALUE_TOO_LONG */
export function uploadDigestBatch(
  context: ContractContext,
  groupId = "",
  phaseId = "",
  itemsJson = "",
  deviceJson = "",
) {
  return uploadBatch(context, "digest", { groupId, phaseId, json: itemsJson, deviceJson });
}

interface UploadArguments {
  readonly groupId: string;
  readonly phaseId: string;
  readonly json: string;
  readonly deviceJson: string;
}

interface Upload {
  readonly kind: DataKind;
  readonly groupId: string;
  readonly phaseId: string;
  readonly items: readonly PhaseItemJson[];
  readonly device: UploadingDeviceJson | undefined;
}

async function uploadOne(context: ContractContext, kind: DataKind, args: UploadArguments): Promise<string> {
  const items = [parseItem(args.json, kind)];
  return upload(context, { ...args, kind, items, device: parseDevice(args.deviceJson) }, "KEY_EXISTS");
}

async function uploadBatch(context: ContractContext, kind: DataKind, args: UploadArguments): Promise<string> {
  const items = parseItems(args.json, kind);
  return upload(context, { ...args, kind, items, device: parseDevice(args.deviceJson) }, "BATCH_KEY_EXISTS");
}

async function upload(context: ContractContext, given: Upload, exists: "KEY_EXISTS" | "BATCH_KEY_EXISTS") {
  const { stub } = context;
  const { groupId, phaseId, kind, device } = given;
  await requirePhase(stub, groupId, phaseId);
  const writer = await requireWriter(context, phaseId);
  const items = given.items.map((item, index) => ({ ...item, sequence: item.dataSeq ?? sequenceFor(stub, index) }));
  if (new Set(items.map(({ dataKey, sequence }) => `${dataKey} ${sequence}`)).size < items.length) {
    refuse("BATCH_KEY_REPEATED");
  }
  const deviceParts = await recordUpload(stub, device);
  const keys = new DataKeys(stub);
  const isOnChain = items.map(async ({ dataKey, sequence }) => (await keys.at(phaseId, dataKey)).isOnChain(sequence));
  if ((await Promise.all(isOnChain)).includes(true)) refuse(exists);
  const relations = new Relations(stub, groupId, keys);
  const stamp = { writer, tx: stub.getTxID(), time: transactionTimeMs(stub) };
  for (const [index, item] of items.entries()) {
    const related = await relations.resolve(item.related ?? []);
    const parts = { ...contentOf(item, kind, index), ...stamp, ...deviceParts };
    (await keys.at(phaseId, item.dataKey)).add({ ...parts, ...(related.length === 0 ? {} : { related }) });
  }
  await keys.write();
  const answer: readonly UploadedItemJson[] = items.map(({ dataKey, sequence }) => ({ dataKey, dataSeq: sequence }));
  return JSON.stringify(answer);
}

function sequenceFor(stub: ContractStub, index: number): string {
  return assignSequence(stub.getTxID(), index);
}

function contentOf(
  { phaseData, dataSeq }: PhaseItemJson,
  kind: DataKind,
  index: number,
): Omit<StoredData, "writer" | "tx" | "time" | keyof StoredDeviceParts> {
  return {
    ...(kind === "text" ? { text: phaseData } : { digest: phaseData }),
    ...(dataSeq === undefined ? {} : { seq: dataSeq }),
    ...(index === 0 ? {} : { item: index }),
  };
}
