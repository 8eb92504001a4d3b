import { join } from "node:path";
import { expect } from "vitest";
import { startChaincode } from "./chaincode-process.ts";
import { type ContractHome, EVALUATION_NONCE, type HomeOptions, nonceRow, refusalOf } from "./contract-homes.ts";
import { type Caller, makeProposal } from "./fabric-messages.ts";
import { FabricPeer } from "./fabric-peer.ts";
import { FabricWorldState } from "./fabric-world-state.ts";
import { sortWrites } from "./home-writes.ts";
import { temporaryFolder } from "./temporary.ts";

/** The official fabric-shim: `program` is a chaincode server, run as a process of its own, to which a test peer connects. */
export async function openFabricHome(program: string, options: HomeOptions): Promise<ContractHome> {
  const { world, contract, clock } = options;
  const address = `unix:${join(await temporaryFolder("chaincode"), "socket")}`;
  const chaincodeId = `${contract.name}:1234`;
  const chaincode = startChaincode(program, { contract: contract.name, address, chaincodeId });
  const peer = new FabricPeer(address, world.channelId);
  const close = async () => {
    peer.close();
    await chaincode.stop();
  };
  const registered = await Promise.race([peer.registered(), chaincode.ended]);
  if (registered !== chaincodeId) await close();
  expect(registered).toBe(chaincodeId);
  const state = new FabricWorldState();
  const nextNonce = nonceRow();

  const run = async (fn: string, args: readonly string[], caller: Caller, nonce: Uint8Array) => {
    const timeMs = clock.nowMs();
    const all = [fn, ...args];
    const { channelId } = world;
    const proposal = makeProposal({ channelId, chaincode: contract.name, caller, args: all, nonce, timeMs });
    const { response, simulation } = await peer.endorse(proposal, all, state);
    // A peer drops what a transaction leaves open, but only when it ends: a contract closes what it opens.
    if (response.getStatus() === 200) expect(simulation.openQueries).toBe(0);
    return { response, txId: proposal.txId, timeMs, writes: simulation.writes };
  };
  return {
    async submit(fn, args, caller = world.principal) {
      const { response, txId, timeMs, writes } = await run(fn, args, caller, nextNonce());
      if (response.getStatus() !== 200) return refusalOf(response.getMessage());
      state.commit(txId, timeMs, writes);
      const kept = [...writes].map(([key, value]) => ({ key, value: value === undefined ? null : hexOf(value) }));
      return { answer: answerOf(response), txId, timeMs, writes: sortWrites(kept) };
    },
    async evaluate(fn, args) {
      const { response } = await run(fn, args, world.principal, EVALUATION_NONCE);
      return response.getStatus() === 200 ? { answer: answerOf(response) } : refusalOf(response.getMessage());
    },
    close,
  };
}

function answerOf(response: { getPayload_asU8(): Uint8Array }): string {
  return Buffer.from(response.getPayload_asU8()).toString();
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
