const { Contract } = require("fabric-contract-api");

/** Everything of the stub that a contract may use, a function each. */
class GeneralContract extends Contract {
  constructor() {
    super("General");
  }

  async put(ctx, key, value) {
    await ctx.stub.putState(key, Buffer.from(value));
    return value;
  }

  async get(ctx, key) {
    const value = await ctx.stub.getState(key);
    if (value.length === 0) throw new Error(`Nothing under ${key}`);
    return value.toString();
  }

  async delete(ctx, key) {
    await ctx.stub.deleteState(key);
  }

  /** Adds to a number: two of these at once conflict. */
  async add(ctx, key, amount) {
    const before = await ctx.stub.getState(key);
    const sum = Number(before.toString() || "0") + Number(amount);
    await ctx.stub.putState(key, Buffer.from(String(sum)));
    return String(sum);
  }

  /** A value of so many bytes: as large as asked for without sending it. */
  async fill(ctx, key, bytes) {
    await ctx.stub.putState(key, Buffer.alloc(Number(bytes), "x"));
  }

  async size(ctx, key) {
    return String((await ctx.stub.getState(key)).length);
  }

  async range(ctx, start, end) {
    return JSON.stringify(await keysOf(await ctx.stub.getStateByRange(start, end)));
  }

  /** Writes how many keys the range has: a key that appears in between is a phantom. */
  async count(ctx, start, end, key) {
    const keys = await keysOf(await ctx.stub.getStateByRange(start, end));
    await ctx.stub.putState(key, Buffer.from(String(keys.length)));
    return String(keys.length);
  }

  async rangePage(ctx, start, end, size, bookmark) {
    const page = await ctx.stub.getStateByRangeWithPagination(start, end, Number(size), bookmark);
    return pageOf(page);
  }

  async putComposite(ctx, type, attributes, value) {
    await ctx.stub.putState(ctx.stub.createCompositeKey(type, JSON.parse(attributes)), Buffer.from(value));
  }

  async byComposite(ctx, type, attributes) {
    const found = [];
    for await (const { key } of ctx.stub.getStateByPartialCompositeKey(type, JSON.parse(attributes))) {
      found.push(ctx.stub.splitCompositeKey(key));
    }
    return JSON.stringify(found);
  }

  async select(ctx, query) {
    return JSON.stringify(await keysOf(await ctx.stub.getQueryResult(query)));
  }

  async selectPage(ctx, query, size, bookmark) {
    return pageOf(await ctx.stub.getQueryResultWithPagination(query, Number(size), bookmark));
  }

  async history(ctx, key) {
    const versions = [];
    for await (const { txId, isDelete, value, timestamp } of ctx.stub.getHistoryForKey(key)) {
      versions.push({ txId, isDelete, value: Buffer.from(value).toString(), hasTime: Number(timestamp.seconds) > 0 });
    }
    return JSON.stringify(versions);
  }

  async announce(ctx, name, payload) {
    ctx.stub.setEvent(name, Buffer.from(payload));
    await ctx.stub.putState(`announced-${name}`, Buffer.from(payload));
  }

  async whoAmI(ctx) {
    const secret = ctx.stub.getTransient().get("secret");
    return JSON.stringify({
      mspId: ctx.clientIdentity.getMSPID(),
      id: ctx.clientIdentity.getID(),
      txId: ctx.stub.getTxID(),
      channelId: ctx.stub.getChannelID(),
      transient: secret === undefined ? null : Buffer.from(secret).toString(),
    });
  }

  /** Calls another chaincode, whose writes become part of this transaction. */
  async call(ctx, chaincode, args, channel) {
    const response = await ctx.stub.invokeChaincode(chaincode, JSON.parse(args), channel);
    if (response.status !== 200) throw new Error(`${chaincode} answered ${response.status} ${response.message}`);
    return Buffer.from(response.payload).toString();
  }

  /** From now on only this organization's peers may endorse a change of the key. */
  async protect(ctx, key, policyBase64) {
    await ctx.stub.setStateValidationParameter(key, Buffer.from(policyBase64, "base64"));
  }

  async protection(ctx, key) {
    const policy = await ctx.stub.getStateValidationParameter(key);
    return policy ? Buffer.from(policy).toString("base64") : "";
  }
}

async function keysOf(iterator) {
  const keys = [];
  for (let step = await iterator.next(); !step.done; step = await iterator.next()) keys.push(step.value.key);
  await iterator.close();
  return keys;
}

async function pageOf({ iterator, metadata }) {
  const { fetchedRecordsCount, bookmark } = metadata;
  return JSON.stringify({ keys: await keysOf(iterator), count: fetchedRecordsCount, bookmark });
}

module.exports.GeneralContract = GeneralContract;
