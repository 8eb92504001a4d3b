import { connect } from "node:net";
import { expect, test } from "vitest";
import { createCaller, encodeParameters, evidenceKey, signedParameters } from "../support/aliyun.ts";
import { type Chooser, createChooser, runSeed } from "../support/seed.ts";
import { type Bootstrap, isHealthy, newInstallation, startServer } from "../support/server.ts";

const REQUESTS = 10_000;
const CONCURRENCY = 24;
const SOCKET_TIMEOUT_MS = 60_000;

const actions = [
  "SetData",
  "AttachData",
  "GetData",
  "GetBlockChainInfo",
  "GetHistoryDataCount",
  "GetHistoryDataList",
  "ListProofChain",
  "DescribeResourceInfo",
  "DescribeCapacityInfo",
  "NoSuchAction",
];

const oddTexts = [
  "",
  " ",
  "0",
  "-1",
  "1e309",
  "99999999999999999999",
  "null",
  "[]",
  "{}",
  '[{"Key":"a","Value":1}]',
  '[{"Key":"a","Value":"b"},{"Key":"a","Value":"b"}]',
  "\u0000",
  "\u{1f600}",
  "e\u0301",
  "\ufeff",
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "%00",
  "%ZZ",
  "<x>&amp;</x>]]>",
  "'; DROP TABLE accounts; --",
  "\r\nX-Injected: 1",
  "a".repeat(257),
  "汉".repeat(5_000),
];

function oddText(choose: Chooser): string {
  if (choose.fraction() < 0.6) return choose.oneOf(oddTexts);
  return choose
    .bytes(choose.between(0, 300))
    .toString(choose.oneOf(["latin1", "utf16le", "base64", "utf8"]))
    .toWellFormed();
}

/** What goes over one connection: bytes, and whether the rest of what they promise follows. */
interface Shot {
  readonly bytes: Buffer;
  /** How the client ends: waits for the answer, shuts its side, or drops the connection. */
  readonly ending: "wait" | "half-close" | "drop";
}

function requestBytes(line: string, headers: readonly string[], body: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from(`${[line, ...headers].join("\r\n")}\r\n\r\n`, "latin1"), body]);
}

function plain(method: string, target: string, headers: readonly string[], body: Buffer | string = ""): Shot {
  const bytes = Buffer.from(body);
  const all = ["Host: test", "Connection: close", `Content-Length: ${bytes.length}`, ...headers];
  return { bytes: requestBytes(`${method} ${target} HTTP/1.1`, all, bytes), ending: "wait" };
}

/** A correctly signed call with odd parameters. */
function signedShot(choose: Chooser, bootstrap: Bootstrap): Shot {
  const method = choose.oneOf(["GET", "POST"]);
  const known: Record<string, string> = {
    ProductKey: bootstrap.aliyun.proofChain.productKey,
    Key: evidenceKey(bootstrap, String(choose.between(0, 40))),
    Value: "value",
    BizChainId: bootstrap.aliyun.proofChain.bizChainId,
    CurrentPage: "1",
    PageSize: "10",
    Num: "1",
    Size: "10",
  };
  const names = [...Object.keys(known), "BusinessId", "StartTime", "EndTime", "Name", "Format", "ApiVersion", "Odd"];
  for (let count = choose.between(0, 4); count > 0; count -= 1) known[choose.oneOf(names)] = oddText(choose);
  if (choose.fraction() < 0.2) delete known[choose.oneOf(names)];
  const parameters = signedParameters(choose.oneOf(actions), known, bootstrap.aliyun, method);
  let form = encodeParameters(parameters);
  if (choose.fraction() < 0.1) form += `&${choose.oneOf(form.split("&"))}`;
  if (method === "GET") return plain("GET", `/?${form}`, []);
  return plain("POST", "/", ["Content-Type: application/x-www-form-urlencoded"], form);
}

/** A signed call with bytes changed, cut or put in after signing. */
function brokenShot(choose: Chooser, bootstrap: Bootstrap): Shot {
  const { bytes } = signedShot(choose, bootstrap);
  const broken = Buffer.from(bytes);
  for (let count = choose.between(1, 6); count > 0; count -= 1)
    broken[choose.between(0, broken.length)] = choose.between(0, 256);
  const cut = choose.fraction() < 0.3 ? broken.subarray(0, choose.between(1, broken.length)) : broken;
  return { bytes: Buffer.from(cut), ending: choose.oneOf(["half-close", "drop"] as const) };
}

/** Shapes that HTTP servers are known to stumble over. */
function rawShot(choose: Chooser): Shot {
  const form = "Content-Type: application/x-www-form-urlencoded";
  return choose.oneOf<() => Shot>([
    () => plain("GET", `/?Action=SetData&Key=${"%ff%fe%c0%80".repeat(choose.between(1, 20))}`, []),
    () => plain("POST", "/?Action=SetData", [form], choose.bytes(choose.between(0, 2_000))),
    () => plain("GET", `/?${"a=b&".repeat(choose.between(500, 5_000))}`, []),
    () =>
      plain(
        "GET",
        "/",
        Array.from({ length: choose.between(1, 3_000) }, (_, index) => `X-Header-${index}: value`),
      ),
    () => plain("GET", "/?Action=GetData", [`X-Huge: ${"h".repeat(choose.between(10_000, 300_000))}`]),
    () => plain("POST", "/?Action=SetData", [form], Buffer.alloc(choose.between(250_000, 3_000_000), "a=b&")),
    () =>
      plain(
        "POST",
        "/",
        [choose.oneOf(["Content-Type: application/json", "Content-Type: text/xml", "Content-Type: ;"])],
        "{",
      ),
    () => plain(choose.oneOf(["PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "BREW"]), "/?Action=GetData", []),
    () =>
      plain("GET", `/api/v1/${encodeURIComponent(oddText(choose))}`, [
        `Authorization: ${choose.oneOf(["Bearer x", "Basic eDp5", "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=b"])}`,
      ]),
    () =>
      plain(
        "POST",
        "/api/v1/chains",
        ["Content-Type: application/json", "Idempotency-Key: a"],
        choose.oneOf(["{", "[]", '{"name":1}', "null"]),
      ),
    () =>
      plain(
        "GET",
        choose.oneOf(["//", "/%", "/..%2f..%2fetc/passwd", "/openapi/x.json", "/coverage?x=%", "*", "http://other/"]),
        [],
      ),
    () => ({
      bytes: Buffer.from("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nbroken"),
      ending: "half-close",
    }),
    () => ({
      bytes: Buffer.from("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
      ending: "half-close",
    }),
    () => ({
      bytes: Buffer.from("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf"),
      ending: choose.oneOf(["half-close", "drop"]),
    }),
    () => ({ bytes: Buffer.from("GET / HTTP/9.9\r\n\r\n"), ending: "half-close" }),
    () => ({ bytes: choose.bytes(choose.between(1, 4_000)), ending: choose.oneOf(["half-close", "drop"]) }),
  ])();
}

/** Sends one shot. @returns the status codes of all answers that came on the connection */
function fire(port: number, { bytes, ending }: Shot): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    socket.setTimeout(SOCKET_TIMEOUT_MS, () => {
      socket.destroy();
      reject(new Error(`no end of the answer to ${bytes.subarray(0, 300).toString("latin1")}`));
    });
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    // A server may cut a connection that sends what it does not want to read.
    socket.on("error", () => socket.destroy());
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      const text = Buffer.concat(chunks).toString("latin1");
      resolve([...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1])));
    });
    socket.write(bytes, () => {
      if (ending === "half-close") socket.end();
      if (ending === "drop") socket.destroy();
    });
  });
}

test(`${REQUESTS} odd requests get no answer of the 5xx kind and leave a healthy server`, async () => {
  const choose = createChooser(runSeed("fuzz"));
  const server = await startServer(await newInstallation("fuzz"));
  const { bootstrap } = server;
  const port = Number(new URL(bootstrap.url).port);
  const shots = Array.from({ length: REQUESTS }, () => {
    const kind = choose.fraction();
    if (kind < 0.5) return signedShot(choose, bootstrap);
    return kind < 0.75 ? brokenShot(choose, bootstrap) : rawShot(choose);
  });
  const statuses = new Map<number, number>();
  const serverErrors: string[] = [];
  const queue = shots.values();
  const worker = async () => {
    for (const shot of queue) {
      for (const status of await fire(port, shot)) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status >= 500) serverErrors.push(`${status}: ${shot.bytes.subarray(0, 2_000).toString("latin1")}`);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  console.log("answers by status:", Object.fromEntries([...statuses].sort(([a], [b]) => a - b)));
  expect(serverErrors).toEqual([]);
  expect(statuses.get(200) ?? 0).toBeGreaterThan(100);
  expect(statuses.get(400) ?? 0).toBeGreaterThan(1_000);
  expect(await isHealthy(bootstrap.url)).toBe(true);
  const caller = createCaller(bootstrap);
  const { productKey } = bootstrap.aliyun.proofChain;
  const key = evidenceKey(bootstrap, "after-the-storm");
  const written = await caller.call("SetData", { ProductKey: productKey, Key: key, Value: "calm" });
  expect(written.body).toMatchObject({ Code: 200, Success: true });
  const read = await caller.call("GetData", { ProductKey: productKey, Key: key });
  expect(read.body).toMatchObject({ Code: 200, Data: "calm" });
  caller.close();
  expect(await server.stop()).toBe(0);
});
