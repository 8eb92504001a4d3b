import { randomUUID } from "node:crypto";
import { type ApiOperation, callOf, readApiOperations } from "./api-operations.ts";
import { type Installation, newInstallation, type RunningServer, startServer } from "./server.ts";
import { basic, createWire, type Wire, type WireAnswer, type WireCall } from "./wire.ts";

export interface Entry {
  readonly entryId: string;
  readonly txId: string | null;
}

/** One installation whose server is ended and started again, called under one name all the while. */
export class RestartWorld {
  readonly #operations: ReadonlyMap<string, ApiOperation>;
  /** A server that is started again has another port here, as it would not have elsewhere. */
  readonly host: string;
  #server: RunningServer;
  #wire: Wire;

  private constructor(server: RunningServer, wire: Wire, operations: readonly ApiOperation[]) {
    this.#server = server;
    this.#wire = wire;
    this.host = new URL(server.bootstrap.url).host;
    this.#operations = new Map(operations.map((operation) => [operation.name, operation]));
  }

  static async start(name: string): Promise<RestartWorld> {
    const server = await startServer(await newInstallation(name));
    const wire = createWire(server.bootstrap.url);
    return new RestartWorld(server, wire, await readApiOperations(wire, "/openapi/native.json"));
  }

  get server(): RunningServer {
    return this.#server;
  }

  get administrator(): Readonly<Record<string, string>> {
    const { accessKeyId, accessKeySecret } = this.#server.bootstrap.aliyun;
    return basic(accessKeyId, accessKeySecret);
  }

  /** After the one before was ended. */
  async startAgain(): Promise<void> {
    const { dataFolder, configFolder }: Installation = this.#server;
    this.#wire.close();
    this.#server = await startServer({ dataFolder, configFolder });
    this.#wire = createWire(this.#server.bootstrap.url);
  }

  send(call: WireCall): Promise<WireAnswer> {
    return this.#wire.send({ ...call, headers: { host: this.host, ...call.headers } });
  }

  nativeCall(name: string, input: object = {}, headers = this.administrator): WireCall {
    const operation = this.#operations.get(name);
    if (operation === undefined) throw new Error(`There is no operation ${name}.`);
    return callOf(operation, { ...input }, { "idempotency-key": randomUUID(), ...headers });
  }

  /** A native call that has to succeed. @returns the answer's body */
  async done(name: string, input: object = {}, headers = this.administrator): Promise<WireAnswer["body"]> {
    const { status, text, body } = await this.send(this.nativeCall(name, input, headers));
    if (status >= 300) throw new Error(`${name} answered ${status}: ${text}`);
    return body;
  }

  /** All pages of the audit trail. */
  async entries(filter: object = {}): Promise<readonly Entry[]> {
    const found: Entry[] = [];
    for (let after: unknown = ""; typeof after === "string"; ) {
      const page = await this.done("listAuditEntries", {
        pageSize: 100,
        ...filter,
        ...(after === "" ? {} : { after }),
      });
      const { auditEntries, next } = page;
      found.push(...(Array.isArray(auditEntries) ? auditEntries : []));
      after = next;
    }
    return found;
  }

  close(): void {
    this.#wire.close();
  }
}
