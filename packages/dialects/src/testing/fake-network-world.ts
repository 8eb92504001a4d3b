import { randomUUID } from "node:crypto";
import { createHttpServer } from "@concordat/api-kit";
import { silentLogger, systemRandom } from "@concordat/base";
import { Harness } from "@concordat/platform/testing";
import { nativeDialect } from "../native/plugin.ts";
import { FakeNetworks } from "./fake-networks.ts";
import { basic } from "./http-world.ts";

/** The native API over fake networks. Callers and repeated calls are the real platform's. */
export async function openFakeNetworkWorld() {
  const harness = await Harness.start();
  const { accessKey } = await harness.bootstrap();
  const authorization: Readonly<Record<string, string>> = basic(accessKey.accessKeyId, accessKey.secret);
  const networks = new FakeNetworks();
  const server = createHttpServer();
  const platform = { ...harness.platform, networks };
  server.register(nativeDialect({ platform, clock: harness.clock, random: systemRandom, logger: silentLogger }));
  await server.ready();
  return {
    harness,
    networks,
    server,
    authorization,
    async call(method: "GET" | "POST" | "DELETE", path: string, payload?: object, headers = authorization) {
      const response = await server.inject({
        method,
        url: `/api/v1${path}`,
        headers: { "idempotency-key": randomUUID(), ...headers },
        ...(payload === undefined ? {} : { payload }),
      });
      return { status: response.statusCode, body: response.body === "" ? undefined : response.json() };
    },
    async dispose() {
      await server.close();
      await harness.dispose();
    },
  };
}
