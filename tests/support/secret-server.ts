import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bidPrivateKeyFromText } from "@concordat/identity";
import { type ApiOperation, readApiOperations } from "./api-operations.ts";
import type { Made } from "./native-tour.ts";
import { SecretWorld } from "./secret-world.ts";
import { type Installation, type RunningServer, startServer } from "./server.ts";
import { administratorParts, signInsOf } from "./sign-ins.ts";
import { basic, createWire, type WireAnswer } from "./wire.ts";

/** A server whose every secret is known: those of its first run, those that it answers, those that it is given. */
export class SecretServer {
  readonly world = new SecretWorld();
  /** Everything that its processes printed, once they were stopped. */
  printed = "";
  /** The last answer of each native operation. */
  readonly made: Record<string, Made[string]> = {};
  readonly #installation: Installation;
  #running: RunningServer | undefined;
  #operations: ReadonlyMap<string, ApiOperation> = new Map();

  private constructor(installation: Installation) {
    this.#installation = installation;
  }

  static async start(installation: Installation): Promise<SecretServer> {
    const server = new SecretServer(installation);
    await server.run();
    await server.#learnFirstSecrets();
    return server;
  }

  get running(): RunningServer {
    if (this.#running === undefined) throw new Error("The server does not run.");
    return this.#running;
  }

  get operations(): ReadonlyMap<string, ApiOperation> {
    return this.#operations;
  }

  get administrator(): Readonly<Record<string, string>> {
    const { accessKeyId, accessKeySecret } = this.running.bootstrap.aliyun;
    return basic(accessKeyId, accessKeySecret);
  }

  async run(): Promise<void> {
    // An address other than loopback turns TLS on, with an authority of the server's own.
    this.#running = await startServer(this.#installation, { serverArguments: ["--host", "0.0.0.0"] });
    const authority = await readFile(join(this.#installation.dataFolder, "tls/ca.pem"), "utf8");
    const wire = createWire(this.running.bootstrap.url, authority);
    this.world.useWire(wire);
    const all = await readApiOperations(wire, "/openapi/native.json");
    this.#operations = new Map(all.map((operation) => [operation.name, operation]));
  }

  async native(name: string, input: object = {}, headers = this.administrator): Promise<WireAnswer> {
    const operation = this.#operations.get(name);
    if (operation === undefined) throw new Error(`There is no operation ${name}.`);
    const answer = await this.world.native(operation, { ...input }, headers);
    if (answer.status < 300) this.made[name] = answer.body;
    return answer;
  }

  /** As {@link native}, for what has to succeed. */
  async done(name: string, input: object = {}, headers = this.administrator): Promise<WireAnswer> {
    const answer = await this.native(name, input, headers);
    if (answer.status >= 300) throw new Error(`${name} answered ${answer.status}: ${answer.text}`);
    return answer;
  }

  /** Signs the administrator in at every door of the kind. @returns what the last one answered, and its token */
  async signIn(
    kind: string,
  ): Promise<{ readonly token: string; readonly cookie: string; readonly answer: WireAnswer }> {
    let last: { token: string; cookie: string; answer: WireAnswer } | undefined;
    for (const { call, tokenOf } of this.#doors(kind)) {
      const answer = await this.world.send(`sign-in ${kind}`, call, (told) => tokensOf(told, tokenOf(told)));
      const token = tokenOf(answer);
      if (token === "") throw new Error(`The sign-in ${kind} answered ${answer.status}: ${answer.text}`);
      const [cookie = ""] = (answer.headers["set-cookie"]?.[0] ?? "").split(";", 1);
      last = { token, cookie, answer };
    }
    if (last === undefined) throw new Error(`There is no door of the kind ${kind}.`);
    return last;
  }

  #doors(kind: string) {
    return signInsOf(administratorParts(this.running.bootstrap)).filter((each) => each.kind === kind);
  }

  async endOfJob(started: WireAnswer): Promise<{ readonly jobId: string; readonly status: string }> {
    const jobId = String(started.body["jobId"]);
    for (;;) {
      const status = String((await this.done("getJob", { id: jobId })).body["status"]);
      if (!["pending", "running", "cancelling"].includes(status)) return { jobId, status };
      await pause(50);
    }
  }

  /** To be called after each change of the key. */
  async learnMasterKeys(): Promise<void> {
    const text = await readFile(join(this.#installation.configFolder, "concordat/master.key"), "utf8");
    for (const line of text.split("\n").filter((each) => each !== "")) {
      this.world.hunt.add("master key", line);
      this.world.hunt.add("master key, raw", Buffer.from(line, "base64"));
    }
  }

  async #learnFirstSecrets(): Promise<void> {
    const { hunt } = this.world;
    const { aliyun, huawei, bif, oracle } = this.running.bootstrap;
    hunt.add("first access key secret", aliyun.accessKeySecret);
    hunt.add("first password", huawei.password);
    hunt.add("first API secret", bif.apiSecret);
    hunt.add("first BID private key", bif.privateKey);
    hunt.add("first BID private key, raw", bidPrivateKeyFromText(bif.privateKey).raw);
    hunt.add("first OAuth client secret", oracle.clientSecret);
    await this.learnMasterKeys();
  }
}

function tokensOf(answer: WireAnswer, token: string): (readonly [string, string])[] {
  const csrf = answer.body["csrfToken"];
  return [
    ...(token === "" ? [] : [["token", token] as const]),
    ...(typeof csrf === "string" ? [["CSRF token", csrf] as const] : []),
  ];
}
