import type { ContractContext } from "@concordat/ledger/contract-api";
import { parseDevice, recordUpload } from "../devices/uploads.ts";
import { transactionTimeMs } from "../stub-rows.ts";
import { sha256Hex } from "../text.ts";
import { batchToSkeleton, findBatchFault, isValueTooLong, parseBatch } from "./batch.ts";
import { type EvidenceKey, isGivenBusinessId, parseWritableEvidenceKey } from "./key.ts";
import { refuse } from "./refusals.ts";
import {
  assignBusinessId,
  findBusinessId,
  readHead,
  type StoredRecord,
  writeBusinessRow,
  writeDigestRow,
  writeHead,
  writeRecord,
} from "./rows.ts";

/**
 * Writes the first record of a key.
 * @param deviceJson the device that uploads it, as ../devices/uploads.ts parses it
 * @throws ContractRefusal EVIDENCE_KEY_MALFORMED, VALUE_EMPTY, VALUE_TOO_LONG, DEVICE_MALFORMED, ACCESS_DENIED, KEY_EXISTS,
 * DEVICE_SIGNATURE_REFUSED
 */
export async function set(context: ContractContext, key = "", value = "", deviceJson = ""): Promise<undefined> {
  requireKey(key);
  requireValue(value);
  const uploader = parseDevice(deviceJson);
  const stamp = readStamp(context);
  if ((await context.stub.getState(key)).length > 0) refuse("KEY_EXISTS");
  await writeFirst(context, key, { value, ...stamp, ...(await recordUpload(context.stub, uploader)) });
}

/**
 * Writes the items of a batch and the batch itself, or nothing.
 * @param itemsJson the value as it was submitted: a batch as batch.ts defines it
 * @throws ContractRefusal EVIDENCE_KEY_MALFORMED, VALUE_MALFORMED, VALUE_EMPTY, BATCH_MIXED, BATCH_KEY_REPEATED, BATCH_TOO_LARGE,
 * BATCH_VALUE_TOO_LONG, VALUE_TOO_LONG, DEVICE_MALFORMED, ACCESS_DENIED, KEY_EXISTS, BATCH_KEY_EXISTS, DEVICE_SIGNATURE_REFUSED
 */
export async function setBatch(
  context: ContractContext,
  key = "",
  itemsJson = "",
  deviceJson = "",
): Promise<undefined> {
  const outer = requireKey(key);
  const batch = parseBatch(itemsJson);
  if (batch === undefined) refuse("VALUE_MALFORMED");
  const fault = findBatchFault(key, outer, batch);
  if (fault !== undefined) refuse(fault);
  const uploader = parseDevice(deviceJson);
  const stamp = readStamp(context);
  const [outerBytes, ...itemBytes] = await Promise.all(
    [key, ...batch.items.map((item) => item.key)].map((each) => context.stub.getState(each)),
  );
  if (outerBytes !== undefined && outerBytes.length > 0) refuse("KEY_EXISTS");
  if (itemBytes.some((bytes) => bytes.length > 0)) refuse("BATCH_KEY_EXISTS");
  const device = await recordUpload(context.stub, uploader);
  for (const [index, { key: itemKey, value }] of batch.items.entries()) {
    await writeFirst(context, itemKey, { value, ...stamp, ...device, item: index + 1 });
  }
  await writeFirst(context, key, { batch: batchToSkeleton(batch), digest: sha256Hex(itemsJson), ...stamp, ...device });
}

/**
 * Writes a further record of a key, or its first one.
 * @returns JSON `{sequence, businessId}`
 * @throws ContractRefusal as {@link set}, and BUSINESS_ID_MALFORMED, BUSINESS_ID_EXISTS
 */
export async function attach(
  context: ContractContext,
  key = "",
  value = "",
  businessId = "",
  deviceJson = "",
): Promise<string> {
  requireKey(key);
  requireValue(value);
  if (businessId !== "" && !isGivenBusinessId(businessId)) refuse("BUSINESS_ID_MALFORMED");
  const uploader = parseDevice(deviceJson);
  const { stub } = context;
  const stamp = readStamp(context);
  const head = await readHead(stub, key);
  if (head === undefined) {
    const business = businessId === "" ? {} : { business: businessId };
    await writeFirst(context, key, { value, ...stamp, ...(await recordUpload(stub, uploader)), ...business });
    return JSON.stringify({ sequence: 1, businessId: businessId || assignBusinessId(stamp.tx, 0, 0) });
  }
  const isUsed = async (id: string) => (await findBusinessId(stub, key, head, id)) !== undefined;
  if (businessId !== "" && (await isUsed(businessId))) refuse("BUSINESS_ID_EXISTS");
  let business = businessId;
  for (let attempt = 0; business === ""; attempt++) {
    const candidate = assignBusinessId(stamp.tx, 0, attempt);
    if (!(await isUsed(candidate))) business = candidate;
  }
  const device = await recordUpload(stub, uploader);
  const sequence = head.count + 1;
  // Only the client's clock of an optimistic transaction can stand behind the record before it.
  const time = Math.max(stamp.time, head.lastTime);
  await writeRecord(stub, key, sequence, { value, ...stamp, time, ...device, business });
  await writeBusinessRow(stub, key, business, sequence);
  await writeDigestRow(stub, sha256Hex(value), key, sequence);
  await writeHead(stub, key, { ...head, count: sequence, lastTime: time });
  return JSON.stringify({ sequence, businessId: business });
}

async function writeFirst({ stub }: ContractContext, key: string, first: StoredRecord): Promise<void> {
  await writeHead(stub, key, { count: 1, lastTime: first.time, first });
  await writeDigestRow(stub, first.digest ?? sha256Hex(first.value ?? ""), key, 1);
}

function readStamp({ stub, clientIdentity }: ContractContext): Pick<StoredRecord, "writer" | "tx" | "time"> {
  const writer = clientIdentity.getAttributeValue("principal");
  if (writer === null || writer === "") refuse("ACCESS_DENIED");
  return { writer, tx: stub.getTxID(), time: transactionTimeMs(stub) };
}

function requireKey(key: string): EvidenceKey {
  return parseWritableEvidenceKey(key) ?? refuse("EVIDENCE_KEY_MALFORMED");
}

function requireValue(value: string): void {
  if (value === "") refuse("VALUE_EMPTY");
  if (isValueTooLong(value)) refuse("VALUE_TOO_LONG");
}
