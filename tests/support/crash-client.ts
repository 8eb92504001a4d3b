import {
  type AccessKey,
  type Answer,
  type Caller,
  createCaller,
  encodeParameters,
  type Parameters,
  signedParameters,
} from "./aliyun.ts";
import type { Bootstrap, RunningServer } from "./server.ts";

/** The server went away before it answered: what was asked may have been done, or not. */
export class ServerGone extends Error {
  constructor() {
    super("The server is gone.");
  }
}

export interface Written {
  readonly data: unknown;
  /** Empty for changes of the control store. */
  readonly txId: string;
}

interface Page {
  readonly PageData: readonly Readonly<Record<string, unknown>>[];
  readonly Total: number;
}

const PAGE_SIZE = 100;

/** Signed calls to a server that may be killed at any moment and comes back with the same data folder. */
export class CrashClient {
  #caller: Caller;
  #bootstrap: Bootstrap;
  #isDying = false;
  /** The last acknowledged call of each of the administrator's actions since the start, as it went over the wire. */
  readonly #replays = new Map<string, string>();
  /** Transactions of all acknowledged calls. */
  readonly txIds: string[] = [];
  readonly acknowledged = new Map<string, number>();
  readonly unanswered = new Map<string, number>();
  /** What became of those without an answer, as far as it was found out, by what they changed. */
  readonly fates = new Map<string, number>();

  constructor({ bootstrap }: RunningServer) {
    this.#bootstrap = bootstrap;
    this.#caller = createCaller(bootstrap);
  }

  get administrator(): AccessKey {
    return this.#bootstrap.aliyun;
  }

  /** From now on calls may stay without an answer. */
  expectDeath(): void {
    this.#isDying = true;
  }

  /** To the server that was started on the folder of the killed one. */
  reconnect({ bootstrap }: RunningServer): void {
    this.#caller.close();
    this.#bootstrap = bootstrap;
    this.#caller = createCaller(bootstrap);
    this.#isDying = false;
  }

  /** A change that has to be accepted, unless the server goes away. @throws ServerGone */
  async write(action: string, parameters: Parameters, key: AccessKey = this.administrator): Promise<Written> {
    const form = encodeParameters(signedParameters(action, parameters, key, "POST"));
    const answer = await this.#post(form).catch(() => undefined);
    if (answer === undefined && this.#isDying) {
      count(this.unanswered, action);
      throw new ServerGone();
    }
    if (answer?.body["Code"] !== 200) throw new Error(`${action} answered ${answer?.text}`);
    count(this.acknowledged, action);
    // Others may have lost their place since, which is said first.
    if (key.accessKeyId === this.administrator.accessKeyId) this.#replays.set(action, form);
    const [txId = ""] = answer.txIds;
    if (txId !== "") this.txIds.push(txId);
    return { data: answer.body["Data"], txId };
  }

  /** @param isDone undefined when there was no doubt */
  noteFate(what: string, isDone: boolean | undefined): void {
    if (isDone !== undefined) count(this.fates, `${what} ${isDone ? "done" : "not done"}`);
  }

  /** Whatever it answers. */
  ask(action: string, parameters: Parameters, key: AccessKey = this.administrator): Promise<Answer> {
    return this.#caller.call(action, parameters, { method: "POST", key });
  }

  /** @returns `Data` of a call that has to be accepted */
  async read(action: string, parameters: Parameters, key?: AccessKey): Promise<unknown> {
    const { body, text } = await this.ask(action, parameters, key);
    if (body["Code"] !== 200) throw new Error(`${action} of ${JSON.stringify(parameters)} answered ${text}`);
    return body["Data"];
  }

  /** All pages of a list; fails where the total is another. */
  async readAll(action: string, parameters: Parameters, key?: AccessKey): Promise<Page["PageData"]> {
    const rows: Readonly<Record<string, unknown>>[] = [];
    for (let number = 1; ; number += 1) {
      const paged = { ...parameters, Num: String(number), Size: String(PAGE_SIZE) };
      // All lists have this form; the comparison of their rows fails where one does not.
      const { PageData, Total } = (await this.read(action, paged, key)) as Page;
      rows.push(...PageData);
      if (PageData.length < PAGE_SIZE) {
        if (rows.length !== Total) throw new Error(`${action} lists ${rows.length} rows and says ${Total}.`);
        return rows;
      }
    }
  }

  /** What each acknowledged call answers that comes again, by action. */
  async replay(): Promise<ReadonlyMap<string, unknown>> {
    const answers = new Map<string, unknown>();
    for (const [action, form] of this.#replays) answers.set(action, (await this.#post(form)).body["Code"]);
    this.#replays.clear();
    return answers;
  }

  close(): void {
    this.#caller.close();
  }

  #post(form: string): Promise<Answer> {
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "content-length": String(Buffer.byteLength(form)),
    };
    return this.#caller.raw({ method: "POST", path: "/", headers, body: form });
  }
}

function count(counts: Map<string, number>, action: string): void {
  counts.set(action, (counts.get(action) ?? 0) + 1);
}
