import { join } from "node:path";
import { type Clock, type FileHandle, type FileSystem, utf8ToBytes } from "@concordat/base";
import type { ContractLogLine } from "../ports.ts";
import type { OutputStream } from "../sandbox/spawner.ts";
import { LineSplitter } from "./line-splitter.ts";

/** Where a build or a process writes. */
export interface OutputSink {
  /** A line of the supervisor's own. */
  line(text: string): void;
  /** Bytes of a process. */
  chunk(stream: OutputStream, bytes: Uint8Array): void;
}

export interface ContractLogOptions {
  readonly directory: string;
  /** Of each of the two files. */
  readonly fileBytesMax?: number;
}

const FILE_BYTES_MAX = 5 * 1024 * 1024;
/** What may wait for the disk; more is dropped, and the log says so. */
const PENDING_BYTES_MAX = 1024 * 1024;
const LATEST_LINES = 20;
const CURRENT = "current.log";
const EARLIER = "earlier.log";

/**
 * The log of one contract: two files that take turns, one JSON array a line. It is for reading, not for keeping: nothing is synced, a crash may
 * lose the last lines. A process that writes faster than the disk loses lines, never the server's memory.
 */
export class ContractLog implements OutputSink {
  readonly #directory: string;
  readonly #fileBytesMax: number;
  readonly #clock: Clock;
  readonly #fileSystem: FileSystem;
  readonly #splitters: Readonly<Record<OutputStream, LineSplitter>>;
  readonly #latest: string[] = [];
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #dropped = 0;
  #handle: FileHandle | undefined;
  #size = 0;
  #writing: Promise<void> = Promise.resolve();
  #isScheduled = false;

  constructor(options: ContractLogOptions, dependencies: { readonly clock: Clock; readonly fileSystem: FileSystem }) {
    this.#directory = options.directory;
    this.#fileBytesMax = options.fileBytesMax ?? FILE_BYTES_MAX;
    this.#clock = dependencies.clock;
    this.#fileSystem = dependencies.fileSystem;
    this.#splitters = {
      stdout: new LineSplitter((text) => this.#append("stdout", text)),
      stderr: new LineSplitter((text) => this.#append("stderr", text)),
    };
  }

  line(text: string): void {
    this.#append("supervisor", text);
  }

  chunk(stream: OutputStream, bytes: Uint8Array): void {
    this.#splitters[stream].write(bytes);
  }

  /** A process has ended: what it wrote without a line break is a line. */
  endOfProcess(): void {
    this.#splitters.stdout.end();
    this.#splitters.stderr.end();
  }

  /** The latest lines that processes wrote to stderr, oldest first. */
  latestErrors(count: number): readonly string[] {
    return this.#latest.slice(-count);
  }

  /** The last lines, oldest first. */
  async read(lines: number): Promise<readonly ContractLogLine[]> {
    await this.#settle();
    const found: ContractLogLine[] = [];
    for (const name of [EARLIER, CURRENT]) {
      const text = await this.#readFile(join(this.#directory, name));
      for (const line of text.split("\n")) {
        const parsed = parseLine(line);
        if (parsed !== undefined) found.push(parsed);
      }
    }
    return lines <= 0 ? [] : found.slice(-lines);
  }

  async close(): Promise<void> {
    await this.#settle();
    await this.#handle?.close();
    this.#handle = undefined;
  }

  #append(stream: ContractLogLine["stream"], text: string): void {
    if (stream === "stderr") {
      this.#latest.push(text);
      if (this.#latest.length > LATEST_LINES) this.#latest.shift();
    }
    const bytes = lineBytes({ timeMs: this.#clock.nowMs(), stream, text });
    if (this.#pendingBytes + bytes.length > PENDING_BYTES_MAX) {
      this.#dropped++;
      return;
    }
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // A disk that fails loses log lines; the contract goes on.
    this.#writing = this.#writing.then(() => this.#flush()).catch(() => this.#abandon());
  }

  async #settle(): Promise<void> {
    while (this.#isScheduled) await this.#writing;
  }

  #abandon(): void {
    this.#isScheduled = false;
    this.#handle = undefined;
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      const dropped = this.#dropped;
      this.#pending = [];
      this.#pendingBytes = 0;
      this.#dropped = 0;
      if (dropped > 0) {
        const text = `${dropped} lines were dropped: they came faster than they could be written.`;
        batch.push(lineBytes({ timeMs: this.#clock.nowMs(), stream: "supervisor", text }));
      }
      for (const bytes of batch) await this.#write(bytes);
    }
    this.#isScheduled = false;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let handle = this.#handle ?? (await this.#openCurrent());
    if (this.#size > 0 && this.#size + bytes.length > this.#fileBytesMax) {
      await handle.close();
      this.#handle = undefined;
      await this.#fileSystem.rename(join(this.#directory, CURRENT), join(this.#directory, EARLIER));
      handle = await this.#openCurrent();
    }
    await handle.write(bytes, this.#size);
    this.#size += bytes.length;
  }

  async #openCurrent(): Promise<FileHandle> {
    await this.#fileSystem.makeDirectory(this.#directory);
    const handle = await this.#fileSystem.open(join(this.#directory, CURRENT), { create: true });
    this.#size = await handle.size();
    this.#handle = handle;
    return handle;
  }

  async #readFile(path: string): Promise<string> {
    if (!(await this.#fileSystem.exists(path))) return "";
    const handle = await this.#fileSystem.open(path, { readOnly: true });
    try {
      const bytes = new Uint8Array(await handle.size());
      return Buffer.from(bytes.subarray(0, await handle.read(bytes, 0))).toString("utf8");
    } finally {
      await handle.close();
    }
  }
}

function lineBytes(line: ContractLogLine): Uint8Array {
  return utf8ToBytes(`${JSON.stringify([line.timeMs, line.stream, line.text])}\n`);
}

/** Undefined for a line that a crash cut. */
function parseLine(line: string): ContractLogLine | undefined {
  if (line === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const [timeMs, stream, text]: unknown[] = value;
  if (typeof timeMs !== "number" || typeof text !== "string") return undefined;
  if (stream !== "stdout" && stream !== "stderr" && stream !== "supervisor") return undefined;
  return { timeMs, stream, text };
}
