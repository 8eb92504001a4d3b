const { Contract } = require("fabric-contract-api");

/** What a contract must not do, a function each. */
class FaultyContract extends Contract {
  constructor() {
    super("Faulty");
  }

  async crash(ctx) {
    await ctx.stub.putState("crashed", Buffer.from("yes"));
    process.exit(3);
  }

  /** Never gives the thread back. */
  async spin() {
    for (;;);
  }

  /** Never answers. */
  async hang() {
    await new Promise(() => setInterval(() => {}, 1_000));
  }

  /** Another result in each process, which is one for each organization. */
  async differ(ctx, key) {
    await ctx.stub.putState(key, Buffer.from(`${process.pid} ${Math.random()}`));
  }

  async fail(_ctx, text) {
    throw new Error(text);
  }

  async log(_ctx, text) {
    console.log(text);
  }
}

module.exports.FaultyContract = FaultyContract;
