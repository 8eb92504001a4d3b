import { type Contract, ContractRefusal } from "@concordat/ledger/contract-api";

/** A small built-in contract: puts, gets, counts, announces and refuses. */
export const keyValueContract: Contract = {
  name: "kv",
  version: "1",
  functions: {
    async put({ stub }, key = "", value = "") {
      await stub.putState(key, Buffer.from(value));
      return value;
    },
    async get({ stub }, key = "") {
      return stub.getState(key);
    },
    async add({ stub }, key = "", amount = "1") {
      const before = Number(Buffer.from(await stub.getState(key)).toString() || "0");
      await stub.putState(key, Buffer.from(String(before + Number(amount))));
      return String(before + Number(amount));
    },
    async announce({ stub }, name = "", payload = "") {
      stub.setEvent(name, Buffer.from(payload));
      await stub.putState(`event ${name}`, Buffer.from(payload));
      return "";
    },
    async refuse(_context, code = "NOT_TODAY", message = "The contract says no.") {
      throw new ContractRefusal(code, message);
    },
    async whoami({ stub, clientIdentity }) {
      return JSON.stringify({ mspId: clientIdentity.getMSPID(), txId: stub.getTxID() });
    },
  },
};
