import { randomUUID } from "node:crypto";
import { createHttpServer, type FastifyInstance } from "@concordat/api-kit";
import { silentLogger, systemRandom } from "@concordat/base";
import type { AccessKey, Caller } from "@concordat/platform";
import { Harness } from "@concordat/platform/testing";
import { nativeDialect } from "../native/plugin.ts";

export const USER_PASSWORD = "correct horse battery";

interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: object;
  /** Of the connection's other end. */
  readonly from?: string;
}

/** The native API over a whole platform, with an administrator, an account "Shipper" and its user "truck-7". */
export class HttpWorld {
  readonly harness: Harness;
  readonly administrator: Caller;
  readonly administratorKey: AccessKey;
  readonly account: Caller;
  readonly accountKey: AccessKey;
  readonly user: Caller;
  readonly userKey: AccessKey;
  #server: FastifyInstance;

  private constructor(harness: Harness, administratorKey: AccessKey, accountKey: AccessKey, userKey: AccessKey) {
    this.harness = harness;
    this.administratorKey = administratorKey;
    this.accountKey = accountKey;
    this.userKey = userKey;
    this.administrator = harness.callerOf(administratorKey.principal);
    this.account = harness.callerOf(accountKey.principal);
    this.user = harness.callerOf(userKey.principal);
    this.#server = serve(harness);
  }

  static async create(): Promise<HttpWorld> {
    const harness = await Harness.start();
    const { accessKey } = await harness.bootstrap();
    const administrator = harness.callerOf(accessKey.principal);
    const { accounts, credentials } = harness.platform;
    const account = await accounts.createAccount(administrator, { name: "Shipper" });
    const { uid: accountUid } = account.principal;
    const user = await accounts.createRamUser(administrator, { accountUid, name: "truck-7" });
    await credentials.passwords.set(administrator, { uid: user.principal.uid, password: USER_PASSWORD });
    return new HttpWorld(harness, accessKey, account.accessKey, user.accessKey);
  }

  /** Sends a call; one that changes something gets an idempotency key of its own. */
  call({ method = "GET", url, headers = {}, payload, from = "192.0.2.1" }: Call) {
    return this.#server.inject({
      method,
      url,
      remoteAddress: from,
      headers: { host: "ledger.example:8080", "idempotency-key": randomUUID(), ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
  }

  /** A new process over the same store. */
  async restart(): Promise<void> {
    await this.#server.close();
    await this.harness.restart();
    this.#server = serve(this.harness);
  }

  async dispose(): Promise<void> {
    await this.#server.close();
    await this.harness.dispose();
  }
}

function serve({ platform, clock }: Harness): FastifyInstance {
  const server = createHttpServer();
  server.register(nativeDialect({ platform, clock, random: systemRandom, logger: silentLogger }));
  return server;
}

export function basic(name: string, secret: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}` };
}
