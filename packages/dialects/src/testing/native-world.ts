import { randomUUID } from "node:crypto";
import { createClient, createHttpServer, type Transport } from "@concordat/api-kit";
import { silentLogger, systemRandom } from "@concordat/base";
import type { AccessKey } from "@concordat/platform";
import { createCast, Harness } from "@concordat/platform/testing";
import { nativeDialect } from "../native/plugin.ts";
import { routes } from "../native/routes/table.ts";

/** The native API over a whole platform, called over HTTP as its clients do. */
export async function openNativeWorld() {
  const harness = await Harness.start({ authentication: { passwordCost: { memory: 8, passes: 1, parallelism: 1 } } });
  const cast = await createCast(harness);
  const server = createHttpServer();
  const { platform, clock } = harness;
  server.register(nativeDialect({ platform, clock, random: systemRandom, logger: silentLogger }));
  await server.ready();

  /**
   * @param idempotencyKey of each call that changes something; one of its own if not given
   * @returns a client that shows this access key; its calls reject with the problem that was answered
   */
  const clientOf = (
    { accessKeyId, secret }: Pick<AccessKey, "accessKeyId" | "secret">,
    idempotencyKey: () => string = randomUUID,
  ) => {
    const authorization = `Basic ${Buffer.from(`${accessKeyId}:${secret}`).toString("base64")}`;
    const transport: Transport = async ({ operation: { operation }, fields }) => {
      let path = operation.path;
      const query = new URLSearchParams();
      const body: Record<string, unknown> = {};
      for (const { field, value } of fields) {
        if (field.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(String(value)));
        else if (field.in === "query") query.set(field.name, String(value));
        else body[field.name] = value;
      }
      const response = await server.inject({
        method: operation.methods[0] ?? "GET",
        url: `${path}?${query}`,
        headers: { authorization, ...(operation.mutating ? { "idempotency-key": idempotencyKey() } : {}) },
        ...(Object.keys(body).length > 0 ? { payload: body } : {}),
      });
      const data: unknown = response.body === "" ? undefined : response.json();
      if (response.statusCode !== operation.status) throw Object.assign(new Error(response.body), data);
      return { data };
    };
    return createClient(routes, transport);
  };

  return {
    harness,
    cast,
    clientOf,
    async dispose() {
      await server.close();
      await harness.dispose();
    },
  };
}
