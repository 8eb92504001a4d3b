import { readFileSync } from "node:fs";
import { InvariantError, systemClock } from "@concordat/base";
import type { BenchCase, BenchResult } from "../bench.ts";
import { evidenceKey, evidenceValue } from "../evidence-data.ts";
import { BenchConnection } from "../http-client.ts";
import { type Measured, measureCalls, round } from "../measure.ts";
import { rpcCaller } from "../rpc-call.ts";
import { type ServerProcess, startServerProcess } from "../server-process.ts";

const CONCURRENCIES = [1, 64, 256];
const VALUE_BYTES = [100, 256];
const BATCH_ITEMS = 50;

/** Signed calls of the Aliyun API to a server in its own process; the load generator runs on the same machine. */
export const httpCase: BenchCase = {
  name: "http",
  what: "signed SetData, GetData and batches over HTTP at 1, 64 and 256 connections, 100 and 256 bytes",
  async run({ directory, durationMs }, report) {
    const server = await startServerProcess(directory);
    try {
      await new HttpRun(server, durationMs, report).all();
      report({ variant: "memory", serverMiB: residentMiB(server.processId) });
    } finally {
      await server.stop();
    }
  },
};

class HttpRun {
  readonly #durationMs: number;
  readonly #report: (result: BenchResult) => void;
  readonly #address: URL;
  readonly #form: ReturnType<typeof rpcCaller>;
  readonly #productKey: string;
  readonly #key: (number: number) => string;
  #written = 0;

  constructor({ bootstrap }: ServerProcess, durationMs: number, report: (result: BenchResult) => void) {
    const { accessKeyId, accessKeySecret = "", proofChain } = bootstrap.aliyun;
    this.#durationMs = durationMs;
    this.#report = report;
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
    const itemsPerSecond = round(measured.perSecond * BATCH_ITEMS);
    this.#report({ variant: "SetData batch", concurrency: 64, valueBytes: 100, itemsPerSecond, ...measured });
  }

  async #measure(concurrency: number, parameters: (index: number) => Record<string, string>): Promise<Measured> {
    const { hostname, port } = this.#address;
    const idle: BenchConnection[] = [];
    for (let i = 0; i < concurrency; i++) idle.push(await BenchConnection.open(hostname, Number(port)));
    const all = [...idle];
    try {
      return await measureCalls({ concurrency, durationMs: this.#durationMs }, async (index) => {
        const connection = idle.pop();
        if (connection === undefined) throw new InvariantError("More calls in flight than connections.");
        const answer = await connection.post(this.#form(parameters(index), systemClock.nowMs()));
        idle.push(connection);
        if (!answer.includes('"Code":200')) throw new InvariantError(`A call of the benchmark was refused: ${answer}`);
      });
    } finally {
      for (const connection of all) connection.close();
    }
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

function residentMiB(processId: number): number {
  try {
    const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${processId}/status`, "utf8"))?.[1];
    return round(Number(kibibytes) / 1024);
  } catch {
    return Number.NaN;
  }
}
