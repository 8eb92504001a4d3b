import type { Contract, ContractStub, StateIterator } from "@concordat/ledger/contract-api";

/** Shows what a home's stub and client identity answer, so that tests can compare homes call by call. */
export const probeContract: Contract = {
  name: "probe",
  version: "1",
  functions: {
    async put({ stub }, ...keysAndValues) {
      for (let index = 0; index < keysAndValues.length; index += 2) {
        await stub.putState(keysAndValues[index] ?? "", Buffer.from(keysAndValues[index + 1] ?? ""));
      }
      return undefined;
    },
    async putComposite({ stub }, objectType = "", value = "", ...attributes) {
      await stub.putState(stub.createCompositeKey(objectType, attributes), Buffer.from(value));
      return undefined;
    },
    async remove({ stub }, key = "") {
      await stub.deleteState(key);
      return undefined;
    },
    get: async ({ stub }, key = "") => stub.getState(key),
    async readOwnWrite({ stub }, key = "", value = "") {
      await stub.putState(key, Buffer.from(value));
      return String((await stub.getState(key)).length);
    },
    async getMany({ stub }, ...keys) {
      const values = await Promise.all(keys.map((key) => stub.getState(key)));
      return JSON.stringify(values.map(toText));
    },
    range: async ({ stub }, from = "", to = "") =>
      JSON.stringify(await drain(await stub.getStateByRange(from, to), toPair)),
    async firstOfRange({ stub }, from = "", to = "") {
      const rows = await stub.getStateByRange(from, to);
      const first = await rows.next();
      await rows.close();
      return JSON.stringify(toPair(first.value));
    },
    async pages({ stub }, from = "", to = "", pageSize = "") {
      const pages: unknown[] = [];
      let bookmark = "";
      do {
        const { iterator, metadata } = await stub.getStateByRangeWithPagination(from, to, Number(pageSize), bookmark);
        const { fetchedRecordsCount } = metadata;
        pages.push({ fetchedRecordsCount, bookmark: metadata.bookmark, rows: await drain(iterator, toPair) });
        bookmark = metadata.bookmark;
      } while (bookmark !== "");
      return JSON.stringify(pages);
    },
    async composite({ stub }, objectType = "", ...attributes) {
      const rows = await drain(await stub.getStateByPartialCompositeKey(objectType, attributes), toPair);
      return JSON.stringify(rows.map(([key, value]) => [stub.splitCompositeKey(key), value]));
    },
    async history({ stub }, key = "") {
      const entries = await drain(await stub.getHistoryForKey(key), ({ txId, timestamp, isDelete, value }) => {
        return { txId, timeMs: toMs(timestamp), isDelete, value: toText(value) };
      });
      return JSON.stringify(entries);
    },
    who: async ({ stub, clientIdentity }) =>
      JSON.stringify({
        mspId: clientIdentity.getMSPID(),
        id: clientIdentity.getID(),
        principal: clientIdentity.getAttributeValue("principal"),
        absent: clientIdentity.getAttributeValue("absent"),
        channelId: stub.getChannelID(),
      }),
    when: async ({ stub }) => JSON.stringify({ txId: stub.getTxID(), timeMs: toMs(stub.getTxTimestamp()) }),
    fail: async () => {
      throw new TypeError("broken");
    },
  },
};

async function drain<Item, Result>(rows: StateIterator<Item>, convert: (item: Item) => Result): Promise<Result[]> {
  const results: Result[] = [];
  for (let row = await rows.next(); !row.done; row = await rows.next()) results.push(convert(row.value));
  await rows.close();
  return results;
}

function toPair({ key, value }: { readonly key: string; readonly value: Uint8Array }): readonly [string, string] {
  return [key, toText(value)];
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

function toMs({ seconds, nanos }: ReturnType<ContractStub["getTxTimestamp"]>): number {
  return Number(String(seconds)) * 1000 + nanos / 1_000_000;
}
