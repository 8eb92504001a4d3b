import { beforeAll, expect, test } from "vitest";
import { businessRows, documentedCodes, gatewayRows, malformedRows } from "../support/error-rows.ts";
import { createErrorWorld, type ErrorWorld } from "../support/error-world.ts";
import { ltlErrorRows } from "../support/ltl-error-rows.ts";
import { newInstallation, type RunningServer, startServer } from "../support/server.ts";

/** Needs a write in flight: provoked by the test of its own below. */
const IN_FLIGHT = -320;

let server: RunningServer;
let world: ErrorWorld;

beforeAll(async () => {
  server = await startServer(await newInstallation("errors"));
  world = await createErrorWorld(server);
  return async () => {
    world.caller.close();
    await server.stop();
  };
});

test("each code of the document's table is provoked: here, by members, devices and collaboration, or by its own test", () => {
  const codes = [...businessRows, ...ltlErrorRows].map(({ code }) => Number(code)).filter((code) => code < 0);
  expect([...new Set([...codes, IN_FLIGHT])].sort()).toEqual([...documentedCodes].sort());
});

test("the requests that the rows break are accepted when nothing is broken", async () => {
  const { caller, write, read, key } = world;
  expect((await caller.call("SetData", write({ Key: key("intact") }))).body).toMatchObject({ Code: 200 });
  expect((await caller.call("GetData", read())).body).toMatchObject({ Code: 200, Data: "first" });
  const page = read({ CurrentPage: "1", PageSize: "10" });
  expect((await caller.call("GetHistoryDataList", page)).body).toMatchObject({ Code: 200 });
});

test.each([...businessRows, ...gatewayRows, ...malformedRows])(
  "$code: $what (section $source) changes nothing",
  async ({ code, status, provoke }) => {
    const before = await world.native.ledgerPrint(world.channelId);
    const answer = await provoke(world);
    expect({ status: answer.status, code: answer.body["Code"] }, answer.text).toEqual({ status, code });
    expect(answer.body["RequestId"]).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    expect(String(answer.body["Message"])).not.toBe("");
    if (typeof code === "number") expect(answer.body["Success"]).toBe(false);
    else expect(answer.body["HostId"]).toBe(new URL(server.bootstrap.url).host);
    expect(answer.txIds).toEqual([]);
    expect(await world.native.ledgerPrint(world.channelId)).toEqual(before);
  },
);

test("the message of a wrong signature ends with the server's string to sign", async () => {
  const wrongKey = { ...server.bootstrap.aliyun, accessKeySecret: "wrong" };
  const { body } = await world.caller.call("GetData", world.read(), { key: wrongKey });
  expect(body["Message"]).toMatch(/server string to sign is:GET&%2F&AccessKeyId%3D/);
});

test("-320: GetData and AttachData of a key whose write is not on chain yet are told to come back", async () => {
  const { native, caller } = world;
  const held = { name: "Held-open", blockCutting: { cutWhenIdle: false, timeoutMs: 3_000 } };
  const { status, body: chain } = await native.send("POST", "/chains", held);
  expect(status, JSON.stringify(chain)).toBe(201);
  const ProductKey = String(chain["bizChainCode"]);
  const Key = `0001_${ProductKey}_${String(chain["dataTypeCode"])}_1`;
  const before = await native.ledgerPrint(String(chain["channelId"]));
  const writing = caller.call("SetData", { ProductKey, Key, Value: "soon" });
  const isAbsent = ({ body }: { body: Record<string, unknown> }) => body["Code"] === "InvalidParameter.Key";
  let read = await caller.call("GetData", { ProductKey, Key });
  while (isAbsent(read)) read = await caller.call("GetData", { ProductKey, Key });
  const attached = await caller.call("AttachData", { ProductKey, Key, Value: "too early" });
  for (const { body } of [read, attached]) {
    expect(body).toMatchObject({ Code: IN_FLIGHT, Success: false, Message: expect.stringMatching(/./) });
  }
  expect(await native.ledgerPrint(String(chain["channelId"]))).toEqual(before);
  expect((await writing).body).toMatchObject({ Code: 200 });
  expect((await caller.call("GetData", { ProductKey, Key })).body).toMatchObject({ Code: 200, Data: "soon" });
});
