"use strict";

const { Contract } = require("fabric-contract-api");

/** One key a call: what the Gateway costs, and little else. */
class Bench extends Contract {
  async put(ctx, key, value) {
    await ctx.stub.putState(key, Buffer.from(value));
  }

  async get(ctx, key) {
    return (await ctx.stub.getState(key)).toString();
  }
}

module.exports.contracts = [Bench];
