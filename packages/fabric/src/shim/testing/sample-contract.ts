import { createRequire } from "node:module";
import type { Context } from "fabric-contract-api";

const { Contract }: typeof import("fabric-contract-api") = createRequire(import.meta.url)("fabric-contract-api");

/** What the shim's iterators give, state and history alike. */
interface Rows {
  next(): Promise<{ done?: boolean; value: { key?: string; txId?: string; value: Uint8Array; isDelete?: boolean } }>;
  close(): Promise<unknown>;
}

async function drain(rows: Rows): Promise<string> {
  const found: string[] = [];
  for (let row = await rows.next(); row.done !== true; row = await rows.next()) {
    const { key, txId, value, isDelete } = row.value;
    found.push(`${key ?? txId}=${isDelete === true ? "deleted" : Buffer.from(value).toString()}`);
  }
  await rows.close();
  return JSON.stringify(found);
}

/** One function for everything that a contract can ask a peer, written as fabric-contract-api's documentation shows. */
export class SampleContract extends Contract {
  constructor() {
    super("sample");
  }

  async put(ctx: Context, key: string, value: string) {
    await ctx.stub.putState(key, Buffer.from(value));
  }

  async get(ctx: Context, key: string) {
    return Buffer.from(await ctx.stub.getState(key)).toString();
  }

  async remove(ctx: Context, key: string) {
    await ctx.stub.deleteState(key);
  }

  async range(ctx: Context, start: string, end: string) {
    return drain(await ctx.stub.getStateByRange(start, end));
  }

  async putComposite(ctx: Context, color: string, name: string) {
    await ctx.stub.putState(ctx.stub.createCompositeKey("car", [color, name]), Buffer.from(name));
  }

  async composite(ctx: Context, color: string) {
    const names: string[] = [];
    for await (const row of ctx.stub.getStateByPartialCompositeKey("car", [color])) {
      names.push(ctx.stub.splitCompositeKey(row.key).attributes.join("/"));
    }
    return JSON.stringify(names);
  }

  async page(ctx: Context, start: string, end: string, size: string, bookmark: string) {
    const { iterator, metadata } = await ctx.stub.getStateByRangeWithPagination(start, end, Number(size), bookmark);
    return JSON.stringify({ rows: await drain(iterator), ...metadata });
  }

  async query(ctx: Context, query: string) {
    return drain(await ctx.stub.getQueryResult(query));
  }

  async queryPage(ctx: Context, query: string, size: string, bookmark: string) {
    const { iterator, metadata } = await ctx.stub.getQueryResultWithPagination(query, Number(size), bookmark);
    return JSON.stringify({ rows: await drain(iterator), ...metadata });
  }

  async history(ctx: Context, key: string) {
    return drain(await ctx.stub.getHistoryForKey(key));
  }

  /** Leaves its queries open. */
  async careless(ctx: Context, count: string) {
    for (let made = 0; made < Number(count); made += 1) await ctx.stub.getStateByRange("", "");
  }

  async setPolicy(ctx: Context, key: string, policy: string) {
    await ctx.stub.setStateValidationParameter(key, Buffer.from(policy));
  }

  async policy(ctx: Context, key: string) {
    const policy = await ctx.stub.getStateValidationParameter(key);
    return policy === undefined ? "" : Buffer.from(policy).toString();
  }

  async call(ctx: Context, contract: string, channel: string, args: string) {
    const { status, message, payload } = await ctx.stub.invokeChaincode(contract, JSON.parse(args), channel);
    const text = payload === undefined ? "" : Buffer.from(payload).toString();
    return JSON.stringify({ status, message, payload: text });
  }

  async emit(ctx: Context, name: string, payload: string) {
    ctx.stub.setEvent(name, Buffer.from(payload));
  }

  async whoami(ctx: Context) {
    const { mspid, idBytes } = ctx.stub.getCreator();
    const { clientIdentity } = ctx;
    const role = clientIdentity.getAttributeValue("role");
    return JSON.stringify({
      mspid,
      bytes: idBytes.length,
      msp: clientIdentity.getMSPID(),
      id: clientIdentity.getID(),
      role,
    });
  }

  async transaction(ctx: Context) {
    const { stub } = ctx;
    const time = stub.getDateTimestamp().toISOString();
    const secret = Buffer.from(stub.getTransient().get("secret") ?? "").toString();
    return JSON.stringify({
      tx: stub.getTxID(),
      channel: stub.getChannelID(),
      time,
      secret,
      binding: stub.getBinding(),
    });
  }

  async privateData(ctx: Context, kind: string) {
    if (kind === "get") await ctx.stub.getPrivateData("col", "key");
    if (kind === "hash") await ctx.stub.getPrivateDataHash("col", "key");
    if (kind === "purge") await ctx.stub.purgePrivateData("col", "key");
    if (kind === "put") await ctx.stub.putPrivateData("col", "key", Buffer.from("value"));
    if (kind === "range") await ctx.stub.getPrivateDataByRange("col", "a", "b");
  }

  /** Writes without waiting for the answer. */
  async forgetful(ctx: Context, key: string) {
    ctx.stub.putState(key, Buffer.from("late")).catch(() => undefined);
  }

  async fail(_ctx: Context, text: string) {
    throw new Error(text);
  }

  async hang() {
    await new Promise(() => undefined);
  }

  async die() {
    process.exit(1);
  }
}
