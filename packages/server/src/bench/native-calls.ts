import { setTimeout as pause } from "node:timers/promises";
import { InvariantError } from "@concordat/base";
import type { BootstrapFile } from "../bootstrap/bootstrap-file.ts";

type Answer = Readonly<Record<string, unknown>>;

/** Calls of the native API that set a case up. */
export class NativeCalls {
  readonly #url: string;
  readonly #authorization: string;
  #changes = 0;

  constructor({ url, aliyun }: Pick<BootstrapFile, "url" | "aliyun">) {
    this.#url = url;
    const credentials = `${aliyun.accessKeyId}:${aliyun.accessKeySecret ?? ""}`;
    this.#authorization = `Basic ${Buffer.from(credentials).toString("base64")}`;
  }

  get(path: string): Promise<Answer> {
    return this.#call(path, { headers: { authorization: this.#authorization } });
  }

  post(path: string, body: object): Promise<Answer> {
    this.#changes += 1;
    const headers = {
      authorization: this.#authorization,
      "content-type": "application/json",
      "idempotency-key": `bench-${this.#changes}`,
    };
    return this.#call(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  /** Waits for a job's good end. */
  async finished(jobId: string): Promise<void> {
    for (;;) {
      const { status } = await this.get(`/jobs/${jobId}`);
      if (status === "succeeded") return;
      if (status === "failed" || status === "cancelled") throw new InvariantError(`The job ${jobId} ended ${status}.`);
      await pause(100);
    }
  }

  async #call(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${this.#url}/api/v1${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new InvariantError(`${path} answered ${response.status}: ${text}`);
    return text === "" ? {} : JSON.parse(text);
  }
}
