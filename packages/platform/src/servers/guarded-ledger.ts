import type { Ledger } from "@concordat/ledger";

/** A ledger that asks `requireAllowed` before each call, which throws what the call is to be refused with. */
export function guardedLedger(ledger: Ledger, requireAllowed: () => void): Ledger {
  const guarded = <Method extends Exclude<keyof Ledger, "close">>(method: Method): Ledger[Method] => {
    const work: (...args: never[]) => Promise<unknown> = ledger[method];
    // Every method of the port is asynchronous: the wrapper has its parameters and its result.
    return (async (...args: never[]) => {
      requireAllowed();
      return work.apply(ledger, args);
    }) as unknown as Ledger[Method];
  };
  return {
    createChannel: guarded("createChannel"),
    unlockChannel: guarded("unlockChannel"),
    updateChannel: guarded("updateChannel"),
    channels: guarded("channels"),
    status: guarded("status"),
    config: guarded("config"),
    submit: guarded("submit"),
    evaluate: guarded("evaluate"),
    order: guarded("order"),
    openSimulation: guarded("openSimulation"),
    simulate: guarded("simulate"),
    finishSimulation: guarded("finishSimulation"),
    dropSimulation: guarded("dropSimulation"),
    committedBlocks: guarded("committedBlocks"),
    blockNumberByHash: guarded("blockNumberByHash"),
    envelope: guarded("envelope"),
    configBlock: guarded("configBlock"),
    hasTransaction: guarded("hasTransaction"),
    transaction: guarded("transaction"),
    block: guarded("block"),
    blockBytes: guarded("blockBytes"),
    receipt: guarded("receipt"),
    checkpoint: guarded("checkpoint"),
    consistencyProof: guarded("consistencyProof"),
    trust: guarded("trust"),
    events: guarded("events"),
    waitForBlock: guarded("waitForBlock"),
    meters: guarded("meters"),
    stateHash: guarded("stateHash"),
    exportSnapshot: guarded("exportSnapshot"),
    importSnapshot: guarded("importSnapshot"),
    close: () => ledger.close(),
  };
}
