import type { ContractStub, Timestamp } from "@concordat/ledger/contract-api";

/** The value of a row that only has to be there: an empty value would delete it on Fabric. */
export const present: Uint8Array = new Uint8Array([0]);

/** From a shared pool: a buffer of its own for each row would cost more than encoding the row. */
export function toBytes(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

/** For rows that a contract wrote itself, so they are UTF-8: a strict decoder would only be slower. */
export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}

export async function hasRow(stub: ContractStub, key: string): Promise<boolean> {
  return (await stub.getState(key)).length > 0;
}

/** The JSON of a row that a contract wrote itself; its caller says what it is. */
export async function readJsonRow(stub: ContractStub, key: string): Promise<unknown> {
  const bytes = await stub.getState(key);
  return bytes.length === 0 ? undefined : JSON.parse(toText(bytes));
}

export function writeJsonRow(stub: ContractStub, key: string, value: object): Promise<void> {
  return stub.putState(key, toBytes(JSON.stringify(value)));
}

/** Keys and values of the composite rows of a type that begin with these attributes, ascending by key. */
export async function scanRows(
  stub: ContractStub,
  objectType: string,
  attributes: readonly string[],
): Promise<readonly { readonly key: string; readonly value: Uint8Array }[]> {
  const iterator = await stub.getStateByPartialCompositeKey(objectType, [...attributes]);
  const rows: { readonly key: string; readonly value: Uint8Array }[] = [];
  for (let row = await iterator.next(); !row.done; row = await iterator.next()) rows.push(row.value);
  await iterator.close();
  return rows;
}

/** The transaction's time in milliseconds since the epoch. */
export function transactionTimeMs(stub: ContractStub): number {
  return timestampToMs(stub.getTxTimestamp());
}

/** Milliseconds since the epoch. */
export function timestampToMs({ seconds, nanos }: Timestamp): number {
  return Number(String(seconds)) * 1000 + Math.floor(nanos / 1_000_000);
}
