import { systemClock } from "@concordat/base";
import type { BenchCase, BenchResult } from "../bench.ts";
import { benchCatalog } from "../catalog.ts";
import { evidenceKey, evidenceValue } from "../evidence-data.ts";
import { measurePosts } from "../http-load.ts";
import { round } from "../measure.ts";
import { residentMiBOf } from "../process-figures.ts";
import { rpcCaller } from "../rpc-call.ts";
import { type ServerProcess, startBareServer, startServerProcess } from "../server-process.ts";

const CONCURRENCIES = [1, 64, 256];
const VALUE_BYTES = [100, 256];
const BATCH_ITEMS = 50;
/** About the size of a signed SetData with a value of 100 bytes. */
const BARE_FORM_BYTES = 560;

/** Signed calls of the Aliyun API to a server in its own process; the load generator runs on the same machine. */
export const httpCase: BenchCase = {
  name: "http",
  what: benchCatalog.http,
  async run({ directory, durationMs }, report) {
    const bare = await startBareServer();
    try {
      for (const concurrency of CONCURRENCIES) {
        const load = { address: new URL(`http://127.0.0.1:${bare.port}`), processId: bare.processId };
        const form = evidenceValue(1, BARE_FORM_BYTES);
        report({
          variant: "reference: node:http",
          concurrency,
          ...(await measurePosts({ ...load, concurrency, durationMs }, () => form)),
        });
      }
    } finally {
      await bare.stop();
    }
    const server = await startServerProcess(directory);
    try {
      await new HttpRun(server, durationMs, report).all();
      report({ variant: "memory after the load", serverMiB: residentMiBOf(server.processId) ?? Number.NaN });
    } finally {
      await server.stop();
    }
  },
};

class HttpRun {
  readonly #durationMs: number;
  readonly #report: (result: BenchResult) => void;
  readonly #address: URL;
  readonly #processId: number;
  readonly #form: ReturnType<typeof rpcCaller>;
  readonly #productKey: string;
  readonly #key: (number: number) => string;
  #written = 0;

  constructor({ bootstrap, processId }: ServerProcess, durationMs: number, report: (result: BenchResult) => void) {
    const { accessKeyId, accessKeySecret = "", proofChain } = bootstrap.aliyun;
    this.#durationMs = durationMs;
    this.#report = report;
    this.#processId = processId;
    this.#address = new URL(bootstrap.url);
    this.#form = rpcCaller({ accessKeyId, accessKeySecret });
    this.#productKey = proofChain.productKey;
    this.#key = (number) => evidenceKey(proofChain.productKey, proofChain.dataTypeCode, number);
  }

  async all(): Promise<void> {
    for (const valueBytes of VALUE_BYTES) {
      for (const concurrency of CONCURRENCIES) {
        const measured = await this.#measure(concurrency, () => this.#set(valueBytes));
        this.#report({ variant: "SetData", concurrency, valueBytes, ...measured });
      }
    }
    const stored = this.#written;
    for (const concurrency of CONCURRENCIES) {
      const measured = await this.#measure(concurrency, (index) => this.#get(1 + ((index * 7_919) % stored)));
      this.#report({ variant: "GetData", concurrency, ...measured });
    }
    const measured = await this.#measure(64, () => this.#batch());
    const itemsPerSecond = round(Number(measured["perSecond"]) * BATCH_ITEMS);
    this.#report({ variant: "SetData batch", concurrency: 64, valueBytes: 100, itemsPerSecond, ...measured });
  }

  #measure(concurrency: number, parameters: (index: number) => Record<string, string>) {
    const load = { address: this.#address, processId: this.#processId, concurrency, durationMs: this.#durationMs };
    return measurePosts(load, (index) => this.#form(parameters(index), systemClock.nowMs()));
  }

  #set(valueBytes: number): Record<string, string> {
    this.#written += 1;
    const Key = this.#key(this.#written);
    return { Action: "SetData", ProductKey: this.#productKey, Key, Value: evidenceValue(this.#written, valueBytes) };
  }

  #get(number: number): Record<string, string> {
    return { Action: "GetData", ProductKey: this.#productKey, Key: this.#key(number) };
  }

  #batch(): Record<string, string> {
    const items = Array.from({ length: BATCH_ITEMS }, () => {
      this.#written += 1;
      return { Key: this.#key(this.#written), Value: evidenceValue(this.#written, 100) };
    });
    this.#written += 1;
    const Key = this.#key(this.#written);
    return { Action: "SetData", ProductKey: this.#productKey, Key, Value: JSON.stringify(items) };
  }
}
