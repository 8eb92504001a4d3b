import { type Contract, ContractRefusal, type KeyValue, type StateIterator } from "../contract-api/index.ts";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");

async function keysOf(iterator: StateIterator<KeyValue>): Promise<string> {
  const keys: string[] = [];
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) keys.push(step.value.key);
  return JSON.stringify(keys);
}

/** A small contract that reaches every part of the stub. */
export const kvContract: Contract = {
  name: "kv",
  version: "1",
  functions: {
    async put({ stub }, key = "", value = "") {
      await stub.putState(key, Buffer.from(value));
      return "";
    },
    async create({ stub }, key = "", value = "") {
      if ((await stub.getState(key)).length > 0) throw new ContractRefusal("KEY_EXISTS", `Key ${key} exists.`);
      await stub.putState(key, Buffer.from(value));
      return stub.getTxID();
    },
    async add({ stub }, key = "", amount = "") {
      const before = Number(text(await stub.getState(key)) || "0");
      const after = String(before + Number(amount));
      await stub.putState(key, Buffer.from(after));
      return after;
    },
    async get({ stub }, key = "") {
      return stub.getState(key);
    },
    async remove({ stub }, key = "") {
      await stub.deleteState(key);
      return "";
    },
    async index({ stub }, type = "", ...attributes) {
      await stub.putState(stub.createCompositeKey(type, attributes), Buffer.from("1"));
      return "";
    },
    async keys({ stub }, start = "", end = "") {
      return keysOf(await stub.getStateByRange(start, end));
    },
    async page({ stub }, start = "", end = "", size = "", bookmark = "") {
      const { iterator, metadata } = await stub.getStateByRangeWithPagination(start, end, Number(size), bookmark);
      return JSON.stringify({ keys: JSON.parse(await keysOf(iterator)), ...metadata });
    },
    async indexed({ stub }, type = "", ...attributes) {
      return keysOf(await stub.getStateByPartialCompositeKey(type, attributes));
    },
    async query({ stub }, query = "") {
      return keysOf(await stub.getQueryResult(query));
    },
    async history({ stub }, key = "") {
      const iterator = await stub.getHistoryForKey(key);
      const rows: unknown[] = [];
      for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
        const { txId, isDelete, value } = step.value;
        rows.push({ txId, isDelete, value: text(value) });
      }
      return JSON.stringify(rows);
    },
    async announce({ stub }, name = "", payload = "") {
      stub.setEvent(name, Buffer.from(payload));
      await stub.putState(`event ${name}`, Buffer.from(payload));
      return "";
    },
    async whoami({ stub, clientIdentity }) {
      const { seconds, nanos } = stub.getTxTimestamp();
      const principal = clientIdentity.getAttributeValue("principal");
      return JSON.stringify({ mspId: clientIdentity.getMSPID(), principal, seconds: Number(seconds), nanos });
    },
    async breakOff() {
      throw new Error("a bug in the contract");
    },
  },
  meter: (key, value) => (key.startsWith("\u0000") ? [] : [{ meter: "bytes", amount: value?.length ?? 0 }]),
};

export const contracts: readonly Contract[] = [kvContract];
