import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@concordat/base";
import { openLedger } from "@concordat/ledger";
import type { Ledger } from "@concordat/ledger/client";
import { keyValueContract } from "./key-value-contract.ts";
import type { TestNetwork } from "./test-network.ts";

export interface ReopeningLedger {
  /** For a test network: stands for the engine that is open at the time. */
  readonly ledger: Ledger;
  /** Stops the network's nodes, closes the engine, opens it again over the same folder and starts the nodes. */
  reopen(network: TestNetwork): Promise<void>;
  close(): Promise<void>;
}

/** An engine in this thread that can be closed and opened while a test network stands over it. */
export async function createReopeningLedger(): Promise<ReopeningLedger> {
  const directory = await mkdtemp(join(tmpdir(), "concordat-reopening-"));
  const options = { directory, installationId: "0123456789abcdef", contracts: [keyValueContract] };
  const open = () => openLedger(options, { clock: systemClock, log: silentLogger });
  let current = await open();
  const ledger = new Proxy(current, {
    get(_target, name) {
      const value: unknown = Reflect.get(current, name);
      return typeof value === "function" ? value.bind(current) : value;
    },
  });
  return {
    ledger,
    async reopen({ fabric, nodes, organizations, channelIds }) {
      const heights = await Promise.all(channelIds.map(async (channelId) => (await current.status(channelId)).height));
      for (const { nodeId } of nodes) await fabric.stopNode(nodeId);
      await current.close();
      current = await open();
      const signers = organizations.map(({ checkpointSigner }) => checkpointSigner);
      for (const channelId of channelIds) await current.unlockChannel(channelId, signers);
      const channels = channelIds.map((channelId, index) => ({ channelId, height: heights[index] ?? 0 }));
      for (const node of nodes) await fabric.startNode({ ...node, channels });
    },
    async close() {
      await current.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
