import { expect, test } from "vitest";
import { fileOf, identityOf, sha256Hex, vectorIdentity, vectorRandom } from "../testing/identities.ts";
import { type DemoIo, main } from "./main.ts";

const NOW_MS = 1_512_022_279_204;
const identityPath = fileOf(vectorIdentity);

async function* chunksOf(bytes: Uint8Array, chunkBytes = 3): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes);
}

async function run(args: readonly string[], more: Partial<DemoIo> = {}) {
  let out = "";
  let error = "";
  const exitCode = await main(args, {
    environment: {},
    input: chunksOf(new Uint8Array()),
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    random: vectorRandom,
    nowMs: () => NOW_MS,
    ...more,
  });
  return { exitCode, out, error };
}

const parameters = {
  IotAuthType: "ID2",
  IotId: vectorIdentity.iotId,
  IotIdServiceProvider: vectorIdentity.productKey,
  IotDataDigest: sha256Hex("Proof-Data").toUpperCase(),
  IotSignature: expect.stringMatching(/^3~2~(AB){8}~1512022279204~[A-Za-z0-9+/]{64}$/),
  IotIdSource: "2",
};

test("prints the six parameters as JSON", async () => {
  const { exitCode, out, error } = await run(["--identity", identityPath, "Proof-Data"]);
  expect([exitCode, error]).toEqual([0, ""]);
  expect(JSON.parse(out)).toEqual(parameters);
});

test("prints them as a query string, with source and time as given", async () => {
  const words = ["--query", "--source", "1", "--timestamp", "1", "Proof-Data"];
  const { out } = await run(words, { environment: { CONCORDAT_DEVICE_IDENTITY: identityPath } });
  expect(Object.fromEntries(new URLSearchParams(out.trimEnd()))).toEqual({
    ...parameters,
    IotSignature: expect.stringMatching(/^3~2~(AB){8}~1~[A-Za-z0-9+/]{64}$/),
    IotIdSource: "1",
  });
  expect(out).not.toMatch(/[+ ]/);
});

test("signs every byte of standard input, also where chunks cut characters", async () => {
  const text = "\ufeff温度 21.5 °C 🌡\n";
  const { out } = await run(["--identity", identityPath], { input: chunksOf(Buffer.from(text)) });
  expect(JSON.parse(out)).toMatchObject({ IotDataDigest: sha256Hex(text).toUpperCase() });
});

test("explains itself", async () => {
  const { exitCode, out, error } = await run(["--help"]);
  expect([exitCode, error]).toEqual([0, ""]);
  expect(out).toContain("CONCORDAT_DEVICE_IDENTITY");
});

test.each([
  ["two texts", ["--identity", identityPath, "a", "b"], "quotes"],
  ["an unknown option", ["--key", "00"], "--key"],
  ["another source", ["--identity", identityPath, "--source", "3", "a"], "--source"],
  ["no identity", ["a"], "CONCORDAT_DEVICE_IDENTITY"],
])("misuse: %s", async (_name, args, word) => {
  const { exitCode, out, error } = await run(args);
  expect([exitCode, out]).toEqual([2, ""]);
  expect(error).toContain(word);
});

test.each<readonly [string, readonly string[], Partial<DemoIo>]>([
  ["a missing file", ["--identity", `${identityPath}.missing`, "a"], {}],
  ["a file of another kind", ["--identity", fileOf({ ...vectorIdentity, format: "other/1" }), "a"], {}],
  ["empty data", ["--identity", identityPath], {}],
  ["input that is not UTF-8", ["--identity", identityPath], { input: chunksOf(Uint8Array.of(0xff, 0xfe)) }],
  [
    "input without end",
    ["--identity", identityPath],
    { input: chunksOf(new Uint8Array(4 * 1024 * 1024 + 1), 1024 * 1024) },
  ],
  ["a time that is no number", ["--identity", identityPath, "--timestamp", "now", "a"], {}],
])("cannot be used: %s", async (_name, args, more) => {
  const { exitCode, out, error } = await run(args, more);
  expect([exitCode, out]).toEqual([1, ""]);
  expect(error).toMatch(/^.+\n$/);
});

test.each(["aes-128", "aes-192", "aes-256", "rsa-1024"] as const)("never prints the key: %s", async (algorithm) => {
  const identity = identityOf(algorithm);
  const lines = algorithm === "rsa-1024" ? identity.key.split("\n").filter((line) => line.length > 40) : [identity.key];
  const damaged = { ...identity, iotId: identity.key, note: identity.key };
  const results = [
    await run(["--identity", fileOf(identity), "a"]),
    await run(["--identity", fileOf(damaged), "a"]),
    await run(["--identity", fileOf(`${JSON.stringify(identity)}}`), "a"]),
  ];
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 1, 1]);
  const printed = results
    .map(({ out, error }) => out + error)
    .join("")
    .toLowerCase();
  for (const line of lines) expect(printed).not.toContain(line.toLowerCase());
});
