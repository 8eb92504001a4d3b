import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpServer, type FastifyInstance, parseParameters } from "@concordat/api-kit";
import { ManualClock, silentLogger, systemRandom } from "@concordat/base";
import type { AccessKey } from "@concordat/platform";
import { openOverEngine } from "@concordat/platform/testing";
import { aliyunLtlDialect } from "../aliyun-ltl/index.ts";
import { rpcStringToSign } from "../signing/rpc.ts";
import { rpcHmac } from "../signing/secret-keys.ts";
import { formatTimestamp } from "../signing/timestamp.ts";
import { commonFields, encodeFields, type Fields, NOW_MS } from "./ltl-harness.ts";

type Opened = Awaited<ReturnType<typeof openOverEngine>>;

/** The dialect over the whole platform and the real ledger, in a folder of its own, with a clock that stands still. */
export class LtlPlatformWorld {
  readonly clock: ManualClock;
  readonly #directory: string;
  opened: Opened;
  #server: FastifyInstance;

  static async open(): Promise<LtlPlatformWorld> {
    const directory = await mkdtemp(join(tmpdir(), "concordat-ltl-"));
    const clock = new ManualClock(NOW_MS);
    return new LtlPlatformWorld(directory, clock, await openOverEngine(directory, clock));
  }

  private constructor(directory: string, clock: ManualClock, opened: Opened) {
    this.#directory = directory;
    this.clock = clock;
    this.opened = opened;
    this.#server = this.#serve();
  }

  /** The administrator's. */
  get accessKey(): AccessKey {
    return this.opened.boot.accessKey;
  }

  #serve(): FastifyInstance {
    const server = createHttpServer();
    const { platform } = this.opened;
    const options = { platform, region: "cn-shanghai", clock: this.clock, random: systemRandom, logger: silentLogger };
    server.register(aliyunLtlDialect(options));
    return server;
  }

  /** A signed POST by whoever has the key; `own` may replace common parameters too. */
  async call(action: string, own: Fields, by: AccessKey = this.accessKey) {
    const Timestamp = formatTimestamp(this.clock.nowMs());
    const fields = { ...commonFields(action), AccessKeyId: by.accessKeyId, Timestamp, ...own };
    const Signature = rpcHmac(by, rpcStringToSign("POST", parseParameters(encodeFields(fields))));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const payload = encodeFields({ ...fields, Signature });
    const response = await this.#server.inject({ method: "POST", url: "/", headers, payload });
    const { Code, Data, Message } = response.json();
    return { status: response.statusCode, Code, Data, Message, txIds: response.headers["concordat-tx"] };
  }

  /** A new process over the same folder. */
  async restart(): Promise<void> {
    await this.#server.close();
    await this.opened.close();
    this.opened = await openOverEngine(this.#directory, this.clock);
    this.#server = this.#serve();
  }

  async dispose(): Promise<void> {
    await this.#server.close();
    await this.opened.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
