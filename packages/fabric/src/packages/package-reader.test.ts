import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { utf8ToBytes } from "@concordat/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { goodCode, packageOf, type RawEntry, rawTar, rawTarGzip, rawZip } from "./archives.fixture.ts";
import { createContractPackage } from "./create-package.ts";
import { packageLimits } from "./limits.ts";
import { readPackage } from "./package-reader.ts";
import { readTarGzip } from "./tar-reader.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const file = (name: string, content = "x"): RawEntry => ({ header: { name }, content });
const ofType = (
  type: "link" | "symlink" | "fifo" | "character-device" | "block-device",
  name: string,
  linkname = "",
) => ({
  header: { name, type, linkname },
});

test.each<[string, readonly RawEntry[]]>([
  ["an absolute path", [file("/etc/passwd")]],
  ["a path that leads up", [file("src/../../x")]],
  ["a path of dots", [file("..")]],
  ["an empty part", [file("src//x")]],
  ["a backslash", [file("src\\..\\x")]],
  ["a drive letter", [file("C:/x")]],
  ["a control character", [file("src/a\nb")]],
  ["a name that is too long", [file(`src/${"x".repeat(256)}`)]],
  ["a name twice", [file("src/a"), file("src/a")]],
  ["a name twice, written in two ways", [file("src/a"), file("./src/a")]],
  ["a file that is a folder", [file("src"), file("src/a")]],
  ["a folder that becomes a file", [file("src/a"), file("src")]],
  ["a link to an absolute path", [ofType("symlink", "src/a", "/etc/passwd")]],
  ["a link out of the package", [ofType("symlink", "src/a", "../../x")]],
  ["a link to nothing", [ofType("symlink", "src/a", "")]],
  ["a file behind a link", [ofType("symlink", "src/a", "b"), file("src/a/x")]],
  [
    "a link through a link",
    [ofType("symlink", "a", "b/c"), ofType("symlink", "src", "x"), ofType("symlink", "b", "src")],
  ],
  ["a hard link", [file("src/a"), ofType("link", "src/b", "src/a")]],
  ["a device", [ofType("character-device", "src/a")]],
  ["a disk", [ofType("block-device", "src/a")]],
  ["a pipe", [ofType("fifo", "src/a")]],
])("code with %s is refused", async (_name, entries) => {
  const bytes = await packageOf(await rawTarGzip(entries));
  await expect(readPackage(bytes)).rejects.toMatchObject({ code: "PACKAGE_INVALID" });
});

test.each<[string, () => Promise<Uint8Array> | Uint8Array]>([
  ["nothing", () => new Uint8Array()],
  ["chance", () => randomBytes(5_000)],
  ["no tar inside", () => gzipSync("hello")],
  ["a cut gzip", async () => (await packageOf(await goodCode())).subarray(0, 100)],
  ["a cut tar", async () => gzipSync((await rawTar([file("metadata.json", "x".repeat(2_000))])).subarray(0, 1_000))],
  ["no code", () => rawTarGzip([file("metadata.json", "{}")])],
  ["a third file", async () => rawTarGzip([file("metadata.json"), file("code.tar.gz"), file("more")])],
  ["another name", async () => rawTarGzip([file("metadata.json"), file("code.tgz")])],
  ["code that is no archive", () => packageOf(utf8ToBytes("hello"))],
  ["metadata that is no JSON", async () => packageOf(await goodCode(), "{")],
  ["metadata that is a list", async () => packageOf(await goodCode(), [])],
  ["no label", async () => packageOf(await goodCode(), { type: "node" })],
  ["a label that leads up", async () => packageOf(await goodCode(), { type: "node", label: "../x" })],
  ["a label with a colon", async () => packageOf(await goodCode(), { type: "node", label: "a:b" })],
  ["a label that is too long", async () => packageOf(await goodCode(), { type: "node", label: "a".repeat(201) })],
  ["an unknown type", async () => packageOf(await goodCode(), { type: "wasm", label: "a" })],
  ["no type", async () => packageOf(await goodCode(), { label: "a" })],
  ["a zip of one file", async () => rawZip({ "metadata.json": utf8ToBytes("{}") })],
  ["a zip that is cut", async () => (await rawZip({ "metadata.json": utf8ToBytes("{}") })).subarray(0, 60)],
])("a package of %s is refused", async (_name, make) => {
  await expect(readPackage(await make())).rejects.toMatchObject({ code: "PACKAGE_INVALID" });
});

const small = { ...packageLimits, unpackedBytesMax: 100_000, entriesMax: 50, ratioFreeBytes: 20_000, ratioMax: 10 };

test.each<[string, () => Promise<Uint8Array>]>([
  [
    "more bytes than may be unpacked",
    async () => rawTarGzip([{ header: { name: "a" }, content: randomBytes(100_001) }]),
  ],
  ["many small files", () => rawTarGzip(Array.from({ length: 51 }, (_, at) => file(`f${at}`)))],
  ["a bomb", () => rawTarGzip([file("a", "0".repeat(90_000))])],
  ["a bomb of folders", async () => gzipSync(Buffer.alloc(30_000_000))],
])("code with %s is too large", async (_name, make) => {
  await expect(readTarGzip(await make(), small, () => {})).rejects.toMatchObject({ code: "PACKAGE_TOO_LARGE" });
});

test("a package file over its limit is refused unread", async () => {
  const limits = { ...packageLimits, packageBytesMax: 100 };
  await expect(readPackage(randomBytes(101), limits)).rejects.toMatchObject({ code: "PACKAGE_TOO_LARGE" });
});

test("the id is label and SHA-256 of the file as it came", async () => {
  const bytes = await packageOf(await goodCode(), { type: "NODE", path: "./x", label: "basic_1.0", more: 1 });
  const read = await readPackage(bytes);
  expect(read).toMatchObject({ packageId: `basic_1.0:${sha256(bytes)}`, runtime: "node", label: "basic_1.0" });
  expect(read.bytes).toEqual(bytes);
});

test.each([
  ["node", "node"],
  ["ccaas", "ccaas"],
  ["external", "ccaas"],
  ["golang", "golang"],
  ["java", "java"],
])("type %s runs as %s", async (type, runtime) => {
  expect(await readPackage(await packageOf(await goodCode(), { type, label: "a" }))).toMatchObject({ runtime });
});

test("a zip of the same two files becomes the one package in Fabric's form, however it was zipped", async () => {
  const metadata = utf8ToBytes(JSON.stringify({ type: "node", path: "", label: "zipped" }));
  const code = await goodCode();
  const first = await readPackage(await rawZip({ "metadata.json": metadata, "code.tar.gz": code }));
  const second = await readPackage(await rawZip({ "code.tar.gz": code, "metadata.json": metadata }));
  expect(second.packageId).toBe(first.packageId);
  const again = await readPackage(first.bytes);
  expect(again.packageId).toBe(first.packageId);
  expect(sha256(again.code)).toBe(sha256(code));
});

test("links within the package are kept", async () => {
  const found: unknown[] = [];
  const code = await rawTarGzip([file("src/cli.js"), ofType("symlink", "src/.bin/cli", "../cli.js")]);
  await readTarGzip(code, packageLimits, (entry) => void found.push(entry));
  expect(found).toContainEqual({ kind: "link", path: "src/.bin/cli", target: "../cli.js" });
});

test("what taking an entry throws comes out", async () => {
  const fault = new TypeError("disk");
  const taking = readTarGzip(await goodCode(), packageLimits, () => Promise.reject(fault));
  await expect(taking).rejects.toBe(fault);
});

const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9_-]{1,12}$/), { minLength: 1, maxLength: 8 });
const sources = names.chain((paths) =>
  fc.tuple(
    ...paths.map((path) => fc.tuple(fc.constant(`lib/${path}.js`), fc.uint8Array({ maxLength: 600 }), fc.boolean())),
  ),
);

test("what is packed is unpacked, and the same files in another order are the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(sources, async (files) => {
      const listed = files.map(([path, content, isExecutable]) => ({ path, content, isExecutable }));
      const bytes = await createContractPackage({ label: "p", type: "node", files: listed });
      const other = await createContractPackage({ label: "p", type: "node", files: listed.toReversed() });
      expect(other).toEqual(bytes);
      const found: unknown[] = [];
      await readTarGzip((await readPackage(bytes)).code, packageLimits, (entry) => void found.push(entry));
      const expected = listed.map(({ path, ...rest }) => ({ kind: "file", path: `src/${path}`, ...rest }));
      expect(found).toEqual(expected.sort((a, b) => (a.path < b.path ? -1 : 1)));
    }),
    { numRuns: 40 },
  );
});

test.each(["../x", "/x", "a//b", "./a"])("a source path %s is not packed", async (path) => {
  const files = [{ path, content: utf8ToBytes("x") }];
  await expect(createContractPackage({ label: "p", type: "node", files })).rejects.toMatchObject({
    code: "PACKAGE_INVALID",
  });
});

test("indexes and service addresses are placed at the root of the code", async () => {
  const paths = async (type: "node" | "ccaas", ...given: string[]) => {
    const files = given.map((path) => ({ path, content: utf8ToBytes("{}") }));
    const found: string[] = [];
    const { code } = await readPackage(await createContractPackage({ label: "p", type, files }));
    await readTarGzip(code, packageLimits, (entry) => void found.push(entry.path));
    return found;
  };
  const index = "META-INF/statedb/couchdb/indexes/a.json";
  expect(await paths("node", "package.json", index)).toEqual([index, "src/package.json"]);
  expect(await paths("ccaas", "connection.json")).toEqual(["connection.json"]);
});
