import { utf8ToBytes } from "@concordat/base";
import { expect, test } from "vitest";
import { createContractPackage } from "../packages/create-package.ts";
import { readPackage } from "../packages/package-reader.ts";
import { parseConnection, readServiceAddress } from "./connection-file.ts";

const bytes = (value: unknown) => utf8ToBytes(typeof value === "string" ? value : JSON.stringify(value));

test("an address with a time in Go's form", () => {
  const value = { address: "basic.example:9999", dial_timeout: "1m0.5s", tls_required: false };
  const expected = { address: "basic.example:9999", dialTimeoutMs: 60_500, tls: undefined };
  expect(() => parseConnection(bytes(value))).toThrow("at most 60000 ms");
  expect(parseConnection(bytes({ ...value, dial_timeout: "1.5s" }))).toEqual({ ...expected, dialTimeoutMs: 1_500 });
  expect(parseConnection(bytes({ address: "[::1]:7" }))).toEqual({
    address: "[::1]:7",
    dialTimeoutMs: 3_000,
    tls: undefined,
  });
});

test.each<[string, unknown]>([
  ["no JSON", "{"],
  ["a list", []],
  ["no address", {}],
  ["a template", { address: "{{.peername}}_basic:9999" }],
  ["no port", { address: "basic" }],
  ["a port that is none", { address: "basic:70000" }],
  ["a scheme", { address: "http://basic:1" }],
  ["a time without unit", { address: "a:1", dial_timeout: "10" }],
  ["TLS as text", { address: "a:1", tls_required: "true" }],
  ["TLS without a root", { address: "a:1", tls_required: true }],
  ["TLS with a root that is none", { address: "a:1", tls_required: true, root_cert: "x" }],
  ["a client certificate without TLS", { address: "a:1", client_auth_required: true }],
  ["a domain", { address: "a:1", domain: "b" }],
])("%s is refused", (_name, value) => {
  expect(() => parseConnection(bytes(value))).toThrow(expect.objectContaining({ code: "CONTRACT_NOT_RUNNING" }));
});

test("only addresses that the operator has listed are dialled", async () => {
  const files = [{ path: "connection.json", content: bytes({ address: "Basic.example:9999" }) }];
  const { code } = await readPackage(await createContractPackage({ label: "s", type: "ccaas", files }));
  expect(await readServiceAddress(code, ["basic.example:9999"])).toMatchObject({ address: "Basic.example:9999" });
  for (const allowed of [[], ["basic.example:999"], ["example:9999"]]) {
    await expect(readServiceAddress(code, allowed)).rejects.toMatchObject({ code: "CONTRACT_ADDRESS_REFUSED" });
  }
});
