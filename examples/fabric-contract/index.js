const { Contract } = require("fabric-contract-api");

/** Keeps values by their keys. It runs on any Fabric network: see docs/guides/fabric-network.md. */
class Basic extends Contract {
  async put(ctx, key, value) {
    await ctx.stub.putState(key, Buffer.from(value));
  }

  async get(ctx, key) {
    const value = await ctx.stub.getState(key);
    if (value.length === 0) throw new Error(`There is nothing under ${key}.`);
    return value.toString();
  }
}

exports.contracts = [Basic];
