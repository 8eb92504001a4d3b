import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { outcome } from "./testing/ask-token.ts";
import { createIamWorld, type IamWorld } from "./testing/iam-world.ts";

let world: IamWorld;
beforeEach(async () => {
  world = await createIamWorld();
});
afterEach(async () => {
  expect(world.faults).toEqual([]);
  await world.dispose();
});

describe("a signature that changes something", () => {
  const make = () => world.sign({ method: "POST", path: "/v3/projects", body: { project: { name: "cn-south-1" } } });

  it("counts once; a second later the same call is signed otherwise", async () => {
    const request = make();
    expect((await world.send(request)).status).toBe(201);
    const again = await world.send(request);
    expect(outcome(again)).toEqual({ status: 401, code: "APIGW.0301" });
    expect(again.body["error_msg"]).toContain("the signature was used before");
    world.harness.clock.advance(1_000);
    expect(outcome(await world.send(make()))).toEqual({ status: 409, code: "IAM.0005" });
  });

  it("is not used up by a refusal before the change", async () => {
    const request = world.sign({ method: "POST", path: "/v3/projects", body: { project: { name: 7 } } });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(outcome(await world.send(request))).toEqual({ status: 400, code: "IAM.0007" });
    }
  });

  it("is not asked of calls that only read", async () => {
    const request = world.sign({ method: "GET", path: "/v3/projects" });
    for (let attempt = 0; attempt < 2; attempt += 1) expect((await world.send(request)).status).toBe(200);
  });
});

describe("the gateway", () => {
  it("does not know what nobody serves", async () => {
    for (const [method, path] of [
      ["GET", "/v3/nothing"],
      ["GET", "/v3"],
      ["PATCH", "/v3/projects"],
      ["DELETE", "/v3/projects"],
      ["GET", "/v2/0605768a5300d5762fc3c00180692873/nothing"],
      ["POST", "/v2"],
    ] as const) {
      const answer = await world.call({ method, path });
      expect(outcome(answer), `${method} ${path}`).toEqual({ status: 404, code: "APIGW.0101" });
      expect(answer.headers.get("x-request-id")).toBe(answer.body["request_id"]);
    }
  });

  it("takes signed bodies of up to 12 MiB", async () => {
    const bytes = 12 * 1024 * 1024;
    const sized = (length: number) => {
      const empty = JSON.stringify({ project: { name: "large" }, ignored: "" });
      const body = { project: { name: "large" }, ignored: "x".repeat(length - empty.length) };
      return world.sign({ method: "POST", path: "/v3/projects", body });
    };
    expect(outcome(await world.send(sized(bytes + 1)))).toEqual({ status: 413, code: "APIGW.0201" });
    expect((await world.send(sized(bytes))).status).toBe(201);
  });

  it("does not read the body of a stranger", async () => {
    const { headers, ...rest } = world.sign(
      { method: "POST", path: "/v3/projects", body: {} },
      {
        ...world.account.accessKey,
        accessKeyId: "LTAIunknown",
      },
    );
    // The announced body never comes: an answer shows that nobody waited for it.
    const answer = await world.send({ ...rest, body: "", headers: [...headers, ["Content-Length", "1000000"]] });
    expect(outcome(answer)).toEqual({ status: 401, code: "APIGW.0301" });
    expect(answer.body["error_msg"]).toContain("ak LTAIunknown not exist");
  });
});
