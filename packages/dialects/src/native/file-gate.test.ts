import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { limits } from "@concordat/api-kit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openFakeNetworkWorld } from "../testing/fake-network-world.ts";
import { basic } from "../testing/http-world.ts";

let world: Awaited<ReturnType<typeof openFakeNetworkWorld>>;
beforeAll(async () => {
  world = await openFakeNetworkWorld();
});
afterAll(() => world.dispose());
beforeEach(() => world.networks.calls.clear());

describe("a large file", () => {
  const large = Buffer.alloc(2 * limits.bodyBytesMax, 7);
  const install = (headers: Readonly<Record<string, string>>) =>
    world.call("POST", "/networks/demo/contracts", { file: large.toString("base64") }, headers);

  it("is taken from a recognised caller, again and again", async () => {
    for (let time = 0; time < 2 * limits.fileBodiesAtOnceMax; time++) {
      expect(await install(world.authorization)).toMatchObject({ status: 201, body: { sizeBytes: large.length } });
    }
  });

  it("is not read from anybody else, nor by another operation", async () => {
    expect((await install({})).body.code).toBe("AUTHENTICATION_REQUIRED");
    expect((await install(basic(`LTAI${"0".repeat(20)}`, "wrong"))).body.code).toBe("CREDENTIALS_WRONG");
    expect((await install({ authorization: "ACS3-HMAC-SHA256 x" })).body.code).toBe("BODY_TOO_LARGE");
    expect(world.networks.calls.has("installContract")).toBe(false);
    const other = await world.call("POST", "/networks", { name: large.toString("base64") });
    expect(other).toMatchObject({ status: 413, body: { code: "BODY_TOO_LARGE" } });
  });

  it("waits for nobody: beyond the number that may be read at once it is refused", async () => {
    const sent = Array.from({ length: limits.fileBodiesAtOnceMax + 2 }, () => install(world.authorization));
    const codes = (await Promise.all(sent)).map(({ status, body }) => (status === 201 ? "taken" : body.code));
    expect(codes.filter((code) => code === "OVERLOADED")).toHaveLength(2);
    expect(codes.filter((code) => code === "taken")).toHaveLength(limits.fileBodiesAtOnceMax);
    expect((await install(world.authorization)).status).toBe(201);
  });

  it("gives its place back when its sender goes away", async () => {
    const url = new URL(await world.server.listen({ port: 0, host: "127.0.0.1" }));
    const broken = Array.from({ length: limits.fileBodiesAtOnceMax }, async () => {
      const request = httpRequest(new URL("/api/v1/networks/demo/contracts", url), {
        method: "POST",
        headers: {
          ...world.authorization,
          "content-type": "application/json",
          "content-length": 2 * limits.bodyBytesMax,
        },
      });
      request.on("error", () => {});
      request.write("{");
      await once(request, "socket");
      return request;
    });
    const senders = await Promise.all(broken);
    await expect.poll(async () => (await install(world.authorization)).status).toBe(503);
    for (const sender of senders) sender.destroy();
    await expect.poll(async () => (await install(world.authorization)).status).toBe(201);
  });

  it("is the same call only with the same content", async () => {
    const headers = { ...world.authorization, "idempotency-key": "large" };
    expect((await install(headers)).status).toBe(201);
    expect((await install(headers)).status).toBe(201);
    const changed = { file: Buffer.alloc(large.length, 8).toString("base64") };
    expect(await world.call("POST", "/networks/demo/contracts", changed, headers)).toMatchObject({
      status: 409,
      body: { code: "IDEMPOTENCY_CONFLICT" },
    });
  });
});
