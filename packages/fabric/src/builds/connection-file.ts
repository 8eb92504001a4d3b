import { X509Certificate } from "node:crypto";
import { bytesToUtf8 } from "@concordat/base";
import type { ServiceAddress } from "../contracts/ports.ts";
import { FabricError } from "../errors.ts";
import { packageLimits } from "../packages/limits.ts";
import { readTarGzip } from "../packages/tar-reader.ts";
import { buildFailure } from "./build-failure.ts";

const CONNECTION_NAME = "connection.json";
const DIAL_TIMEOUT_DEFAULT_MS = 3_000;
const DIAL_TIMEOUT_MAX_MS = 60_000;
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

type Fields = ReadonlyMap<string, unknown>;

function text(fields: Fields, name: string): string {
  const value = fields.get(name) ?? "";
  if (typeof value !== "string") throw buildFailure(`"${name}" in connection.json is not text`);
  return value;
}

function flag(fields: Fields, name: string): boolean {
  const value = fields.get(name) ?? false;
  if (typeof value !== "boolean") throw buildFailure(`"${name}" in connection.json is not true or false`);
  return value;
}

/** Go's form of a time, of one or several parts: "10s", "1m30s", "500ms". */
function durationMs(value: string): number {
  if (value === "") return DIAL_TIMEOUT_DEFAULT_MS;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m)/g)];
  const isWhole = parts.map(([part]) => part).join("") === value;
  const sum = parts.reduce((total, [, amount, unit]) => total + Number(amount) * (unitsMs[unit ?? ""] ?? 0), 0);
  if (!isWhole || sum <= 0 || sum > DIAL_TIMEOUT_MAX_MS) {
    throw buildFailure(
      `"dial_timeout" in connection.json must be a time of at most ${DIAL_TIMEOUT_MAX_MS} ms, like "10s"`,
    );
  }
  return sum;
}

function certificate(fields: Fields, name: string): string {
  const pem = text(fields, name);
  try {
    new X509Certificate(pem);
    return pem;
  } catch {
    throw buildFailure(`"${name}" in connection.json is no certificate in PEM`);
  }
}

function tlsOf(fields: Fields): ServiceAddress["tls"] {
  const isMutual = flag(fields, "client_auth_required");
  if (!flag(fields, "tls_required")) {
    if (isMutual) throw buildFailure("connection.json asks for a client certificate without TLS");
    return undefined;
  }
  const rootCertificate = certificate(fields, "root_cert");
  if (!isMutual) return { rootCertificate };
  const key = text(fields, "client_key");
  if (!key.includes("PRIVATE KEY")) throw buildFailure('"client_key" in connection.json is no private key in PEM');
  return { rootCertificate, client: { certificate: certificate(fields, "client_cert"), key } };
}

function addressOf(fields: Fields): string {
  const address = text(fields, "address");
  if (address.includes("{{")) {
    throw buildFailure(
      "the address in connection.json is a template, which peers of other kinds fill in: name the service's host and port",
    );
  }
  const port = Number(/:(\d{1,5})$/.exec(address)?.[1]);
  if (!/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+):\d{1,5}$/.test(address) || !(port > 0 && port < 65_536)) {
    throw buildFailure('"address" in connection.json is not host:port');
  }
  return address;
}

/** @throws FabricError CONTRACT_NOT_RUNNING */
export function parseConnection(bytes: Uint8Array): ServiceAddress {
  let value: unknown;
  try {
    value = JSON.parse(bytesToUtf8(bytes));
  } catch (error) {
    throw buildFailure("its connection.json is not JSON", error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw buildFailure("its connection.json is not an object");
  }
  const fields: Fields = new Map<string, unknown>(Object.entries(value));
  if (text(fields, "domain") !== "") {
    throw buildFailure('"domain" in connection.json is not known here: name the host in the address');
  }
  return { address: addressOf(fields), dialTimeoutMs: durationMs(text(fields, "dial_timeout")), tls: tlsOf(fields) };
}

/**
 * The service that a package of type ccaas names.
 * @param allowed `host:port` of the services that the operator has listed
 * @throws FabricError CONTRACT_ADDRESS_REFUSED, CONTRACT_NOT_RUNNING
 */
export async function readServiceAddress(code: Uint8Array, allowed: readonly string[]): Promise<ServiceAddress> {
  let connection: Uint8Array | undefined;
  await readTarGzip(code, packageLimits, (entry) => {
    if (entry.kind === "file" && entry.path === CONNECTION_NAME) connection = entry.content;
  });
  if (connection === undefined) throw buildFailure("there is no connection.json in its code");
  const service = parseConnection(connection);
  const isAllowed = allowed.some((address) => address.toLowerCase() === service.address.toLowerCase());
  if (isAllowed) return service;
  throw new FabricError("CONTRACT_ADDRESS_REFUSED", `The service address ${service.address} is not allowed.`, {
    remedy: "The operator lists the services that may be called in the server's configuration.",
    facts: { address: service.address, reason: `the service address ${service.address} is not allowed` },
  });
}
