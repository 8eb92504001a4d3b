import { connect } from "node:net";
import { limits } from "@concordat/api-kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHAIN_CODE } from "../testing/fake-platform.ts";
import {
  commonFields,
  createLtlHarness,
  encodeFields,
  signedGet,
  signedPost,
  signFields,
} from "../testing/ltl-harness.ts";

const harness = createLtlHarness();
beforeAll(() => harness.server.ready());
afterAll(() => harness.server.close());

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const record = { Key: `0001_${CHAIN_CODE}_0X58_hard`, ProductKey: CHAIN_CODE };

async function codeOf(response: ReturnType<typeof signedGet>): Promise<unknown> {
  const { statusCode, body } = await response;
  return [statusCode, JSON.parse(body).Code];
}

/** Resolves when the server has seen the connection end. */
function sendAndHangUp(port: number, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    harness.server.server.once("connection", (peer) => peer.once("close", () => setImmediate(resolve)));
    const socket = connect(port, "127.0.0.1", () => socket.write(text, () => socket.end()));
    socket.on("error", reject);
    socket.resume();
  });
}

describe("input that is refused", () => {
  it.each([
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/octet-stream",
    "nonsense",
  ])("a body of type %s", async (type) => {
    const sent = harness.server.inject({
      method: "POST",
      url: "/?Action=SetData",
      headers: { "content-type": type },
      payload: "{}",
    });
    expect(await codeOf(sent)).toEqual([400, "UnsupportedOperation"]);
  });

  it("a body without a type", async () => {
    const sent = harness.server.inject({ method: "POST", url: "/?Action=SetData", payload: Buffer.from("a=b") });
    expect(await codeOf(sent)).toEqual([400, "UnsupportedOperation"]);
  });

  it.each([
    ["invalid UTF-8 in an escape", "Key=%ff%fe"],
    ["an overlong escape", "Key=%c0%af"],
    ["half an escape", "Key=%4"],
    ["an encoded surrogate", "Key=%ed%a0%80"],
    ["a bare control character", "Key=a\u0001"],
  ])("%s in a form", async (_what, payload) => {
    const sent = harness.server.inject({ method: "POST", url: "/", headers: FORM, payload });
    expect(await codeOf(sent)).toEqual([400, "InvalidParameter.Key"]);
  });

  it("raw bytes that are no UTF-8", async () => {
    const payload = Buffer.from([0x4b, 0x3d, 0xff]);
    const sent = harness.server.inject({ method: "POST", url: "/?Action=SetData", headers: FORM, payload });
    expect(await codeOf(sent)).toEqual([400, "InvalidParameter"]);
  });

  it("a body beyond the limit", async () => {
    const payload = `Value=${"v".repeat(limits.formBodyBytesMax)}`;
    expect(await codeOf(harness.server.inject({ method: "POST", url: "/", headers: FORM, payload }))).toEqual([
      400,
      "InvalidParameter",
    ]);
  });

  it("a parameter beyond the limit", async () => {
    const payload = `Value=${"v".repeat(limits.parameterValueBytesMax + 1)}`;
    expect(await codeOf(harness.server.inject({ method: "POST", url: "/", headers: FORM, payload }))).toEqual([
      400,
      "InvalidParameter.Value",
    ]);
  });

  it("too many parameters", async () => {
    const payload = Array.from({ length: limits.parameterCountMax + 1 }, (_, index) => `P${index}=1`).join("&");
    expect(await codeOf(harness.server.inject({ method: "POST", url: "/", headers: FORM, payload }))).toEqual([
      400,
      "InvalidParameter",
    ]);
  });

  it("one name in the query and in the form", async () => {
    const sent = harness.server.inject({ method: "POST", url: "/?Key=a", headers: FORM, payload: "Key=b" });
    expect(await codeOf(sent)).toEqual([400, "InvalidParameter.Key"]);
  });

  it.each(["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] as const)("the method %s", async (method) => {
    expect(await codeOf(harness.server.inject({ method, url: "/?Action=SetData" }))).toEqual([
      400,
      "UnsupportedHTTPMethod",
    ]);
  });

  it.each([
    ["CurrentPage", "0"],
    ["CurrentPage", "1.5"],
    ["CurrentPage", "01"],
    ["CurrentPage", ""],
    ["PageSize", "101"],
    ["StartTime", "-1"],
    ["EndTime", "99999999999999999999"],
  ])("%s=%s", async (name, value) => {
    const good = {
      ...commonFields("GetHistoryDataList"),
      ...record,
      CurrentPage: "1",
      PageSize: "10",
      StartTime: "1",
      EndTime: "2",
    };
    expect(await codeOf(signedGet(harness.server, { ...good, [name]: value }))).toEqual([
      400,
      `InvalidParameter.${name}`,
    ]);
  });

  it("a request that is never finished, without a fault and without harm to the next one", async () => {
    const address = await harness.server.listen({ host: "127.0.0.1", port: 0 });
    const port = Number(new URL(address).port);
    const halves = [
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nKey=",
      "GET /?Act",
    ];
    for (const half of halves) await sendAndHangUp(port, half);
    const answer = await fetch(`${address}/?Action=SetData`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('"Code":"MissingVersion"');
    expect(harness.faults).toEqual([]);
  });

  it("half a time window", async () => {
    const good = { ...commonFields("GetHistoryDataCount"), ...record };
    expect(await codeOf(signedGet(harness.server, { ...good, StartTime: "1" }))).toEqual([400, "MissingEndTime"]);
    expect(await codeOf(signedGet(harness.server, { ...good, SignatureNonce: "other", EndTime: "1" }))).toEqual([
      400,
      "MissingStartTime",
    ]);
  });

  it("evidence that is not there", async () => {
    expect(await codeOf(signedGet(harness.server, { ...commonFields("GetData"), ...record }))).toEqual([
      400,
      "InvalidParameter.Key",
    ]);
  });

  it("a chain id that is unknown, as one that the caller is not on", async () => {
    const fields = { ...commonFields("DescribeResourceInfo"), BizChainId: "1111111111111111" };
    expect(await codeOf(signedGet(harness.server, fields))).toEqual([403, "NoPermission"]);
  });
});

describe("input that is accepted", () => {
  it("parameters that the document does not mention, which are signed all the same", async () => {
    const fields = { ...commonFields("ListProofChain"), Num: "1", Size: "1", RegionId: "cn-shanghai", "A.1.b": "*~ é" };
    expect((await signedGet(harness.server, fields)).json().Success).toBe(true);
    const tampered = encodeFields({
      ...signFields("GET", { ...fields, SignatureNonce: "n2" }),
      RegionId: "cn-hangzhou",
    });
    expect((await harness.server.inject(`/?${tampered}`)).json().Code).toBe("SignatureDoesNotMatch");
  });

  it("TimeStamp for Timestamp and Hmac-SHA1 in any letter case", async () => {
    const { Timestamp = "", ...rest } = commonFields("ListProofChain");
    const fields = { ...rest, TimeStamp: Timestamp, SignatureMethod: "Hmac-SHA1", Num: "1", Size: "1" };
    expect((await signedGet(harness.server, fields)).json().Success).toBe(true);
  });

  it("an optional parameter that is empty, as one left out", async () => {
    const fields = { ...commonFields("ListProofChain"), Num: "1", Size: "1", Name: "" };
    expect((await signedGet(harness.server, fields)).json().Data.Total).toBe(1);
  });

  it("an empty body of any type", async () => {
    const url = `/?${encodeFields(signFields("POST", { ...commonFields("ListProofChain"), Num: "1", Size: "1" }))}`;
    const sent = await harness.server.inject({
      method: "POST",
      url,
      headers: { "content-type": "application/octet-stream" },
    });
    expect(sent.json().Success).toBe(true);
  });

  it("a form whose content type names its charset", async () => {
    const payload = encodeFields(signFields("POST", { ...commonFields("ListProofChain"), Num: "1", Size: "1" }));
    const headers = { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" };
    expect((await harness.server.inject({ method: "POST", url: "/", headers, payload })).json().Success).toBe(true);
  });

  it("raw UTF-8 and + for a space in a form", async () => {
    const fields = { ...commonFields("SetData"), ...record, Value: "a 数" };
    const payload = encodeFields(signFields("POST", fields)).replace("a%20%E6%95%B0", "a+数");
    const sent = await harness.server.inject({ method: "POST", url: "/", headers: FORM, payload });
    expect(sent.json().Success).toBe(true);
    expect((await signedPost(harness.server, { ...commonFields("GetData"), ...record }, () => false)).json().Data).toBe(
      "a 数",
    );
  });

  it("a timestamp at the window's edge, both ways", async () => {
    for (const Timestamp of ["2020-12-16T11:57:40Z", "2020-12-16T12:27:40Z"]) {
      const fields = { ...commonFields("ListProofChain"), Num: "1", Size: "1", Timestamp };
      expect((await signedGet(harness.server, fields)).json().Success).toBe(true);
    }
  });
});
