import type { Contract } from "@hyperledger/fabric-gateway";
import type { BenchCase, BenchResult } from "../bench.ts";
import { benchCatalog } from "../catalog.ts";
import { evidenceValue } from "../evidence-data.ts";
import { createGatewayNetwork, gatewayChannels } from "../gateway-network.ts";
import { measureCalls, round } from "../measure.ts";
import { cpuMicrosOf, residentMiBOf } from "../process-figures.ts";
import { startServerProcess } from "../server-process.ts";

const CONCURRENCIES = [1, 64, 256];
const VALUE_BYTES = 100;
const WARM_UP_MS = 4_000;

/** The official Gateway client with a native signer; it runs in this process, the server and the contract in theirs. */
export const gatewayCase: BenchCase = {
  name: "gateway",
  what: benchCatalog.gateway,
  async run({ directory, durationMs }, report) {
    const server = await startServerProcess(directory);
    try {
      const network = await createGatewayNetwork(server.bootstrap);
      try {
        for (const channel of Object.keys(gatewayChannels)) {
          const contract = network.gateway.getNetwork(channel).getContract("bench");
          await measureChannel({ contract, channel, durationMs, processId: server.processId }, report);
        }
      } finally {
        network.close();
      }
      report({ variant: "memory after the load", serverMiB: residentMiBOf(server.processId) ?? Number.NaN });
    } finally {
      await server.stop();
    }
  },
};

interface ChannelRun {
  readonly contract: Contract;
  readonly channel: string;
  readonly durationMs: number;
  readonly processId: number;
}

async function measureChannel(run: ChannelRun, report: (result: BenchResult) => void): Promise<void> {
  const { contract, channel } = run;
  const value = evidenceValue(1, VALUE_BYTES);
  // Three processes compile their code while they work: none of that belongs to the first figure.
  await measure({ ...run, durationMs: WARM_UP_MS }, 64, (index) =>
    contract.submitTransaction("put", `warm-${index}`, value),
  );
  for (const concurrency of CONCURRENCIES) {
    const put = (index: number) => contract.submitTransaction("put", `${concurrency}-${index}`, value);
    report({
      variant: `submit, ${channel}`,
      concurrency,
      valueBytes: VALUE_BYTES,
      ...(await measure(run, concurrency, put)),
    });
  }
  if (channel !== "idle") return;
  for (const concurrency of CONCURRENCIES) {
    const get = () => contract.evaluateTransaction("get", "warm-1");
    report({ variant: "evaluate", concurrency, ...(await measure(run, concurrency, get)) });
  }
}

async function measure(
  { processId, durationMs }: ChannelRun,
  concurrency: number,
  call: (index: number) => Promise<unknown>,
): Promise<BenchResult> {
  const before = cpuMicrosOf(processId);
  const { cpuMicros: clientCpuMicros, ...measured } = await measureCalls({ concurrency, durationMs }, call);
  const after = cpuMicrosOf(processId);
  const used = before === undefined || after === undefined ? Number.NaN : after - before;
  return { ...measured, serverCpuMicros: round(used / measured.count), clientCpuMicros };
}
