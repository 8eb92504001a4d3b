import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "vitest";
import { type ContractHome, type HomeOptions, nonceRow, type Outcome } from "./contract-homes.ts";
import { type Caller, makeProposal } from "./fabric-messages.ts";
import { FabricPeer } from "./fabric-peer.ts";
import { FabricWorldState } from "./fabric-world-state.ts";
import { repositoryRoot } from "./repository.ts";
import { temporaryFolder } from "./temporary.ts";

/** The official fabric-shim: `program` is a chaincode server, run as a process of its own, to which a test peer connects. */
export async function openFabricHome(program: string, options: HomeOptions): Promise<ContractHome> {
  const { world, contract, clock } = options;
  const address = `unix:${join(await temporaryFolder("chaincode"), "socket")}`;
  const chaincodeId = `${contract.name}:1234`;
  const chaincode = startChaincode(program, contract.name, address, chaincodeId);
  const peer = new FabricPeer(address, world.channelId);
  const close = async () => {
    peer.close();
    if (chaincode.exitCode === null && chaincode.kill()) await once(chaincode, "exit");
  };
  const registered = await Promise.race([peer.registered(), exitOf(chaincode)]);
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
      return { answer: answerOf(response), txId, timeMs };
    },
    async evaluate(fn, args) {
      const { response } = await run(fn, args, world.principal, Buffer.alloc(24, 0xff));
      return response.getStatus() === 200 ? { answer: answerOf(response) } : refusalOf(response.getMessage());
    },
    close,
  };
}

function startChaincode(program: string, contract: string, address: string, chaincodeId: string): ChildProcess {
  const env = { ...process.env, CONTRACT: contract, CHAINCODE_ID: chaincodeId, CHAINCODE_SERVER_ADDRESS: address };
  // The shim logs every refusal to its standard output and calls deprecated functions; what it cannot survive comes on standard error.
  const words = ["--no-deprecation", join(repositoryRoot, program)];
  return spawn(process.execPath, words, { env, stdio: ["ignore", "ignore", "inherit"] });
}

async function exitOf(chaincode: ChildProcess): Promise<string> {
  const [code] = await once(chaincode, "exit");
  return `The chaincode ended with ${code}.`;
}

function answerOf(response: { getPayload_asU8(): Uint8Array }): string {
  return Buffer.from(response.getPayload_asU8()).toString();
}

function refusalOf(text: string): Outcome {
  const [, refusal, message] = /^([A-Z_]+): (.*)$/s.exec(text) ?? [];
  return refusal === undefined || message === undefined ? { failed: true } : { refusal, message };
}
