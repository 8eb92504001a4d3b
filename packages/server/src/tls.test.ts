import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, nodeFileSystem, systemRandom } from "@concordat/base";
import { createSealer } from "@concordat/identity";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataFolderAt } from "./data-folder/layout.ts";
import { isLoopback, issueOwnCertificate, ownAuthorityPath, readTlsFiles } from "./tls.ts";

let folder: ReturnType<typeof dataFolderAt>;
const sealer = createSealer(new Uint8Array(32), { random: systemRandom });
const dependencies = { clock: new ManualClock(Date.now()), random: systemRandom, fileSystem: nodeFileSystem, sealer };

beforeEach(() => {
  folder = dataFolderAt(mkdtempSync(join(tmpdir(), "concordat-tls-")));
});
afterEach(() => rmSync(folder.directory, { recursive: true, force: true }));

describe("the server's own authority", () => {
  it("certifies the address that is listened on, and stays the same over starts", async () => {
    const first = await issueOwnCertificate("192.0.2.9", folder, dependencies);
    const authority = new X509Certificate(readFileSync(ownAuthorityPath(folder)));
    const second = await issueOwnCertificate("ledger.example", folder, dependencies);
    expect(new X509Certificate(readFileSync(ownAuthorityPath(folder))).fingerprint256).toBe(authority.fingerprint256);
    const [one, two] = [new X509Certificate(first.certificate), new X509Certificate(second.certificate)];
    expect(one.verify(authority.publicKey) && two.verify(authority.publicKey)).toBe(true);
    expect(one.checkIP("192.0.2.9")).toBe("192.0.2.9");
    expect(one.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(two.checkHost("ledger.example")).toBe("ledger.example");
    expect(two.checkIP("192.0.2.9")).toBeUndefined();
    expect(first.privateKey).not.toBe(second.privateKey);
  });

  it("keeps its key sealed", async () => {
    await issueOwnCertificate("0.0.0.0", folder, dependencies);
    const path = join(folder.tls, "ca.key.sealed");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const other = createSealer(new Uint8Array(32).fill(1), { random: systemRandom });
    const start = issueOwnCertificate("0.0.0.0", folder, { ...dependencies, sealer: other });
    await expect(start).rejects.toMatchObject({ code: "SEALED_WITH_OTHER_KEY" });
  });
});

it("names the TLS file that cannot be used", async () => {
  const certificateFile = join(folder.directory, "cert.pem");
  const files = { certificateFile, privateKeyFile: join(folder.directory, "key.pem") };
  await expect(readTlsFiles(nodeFileSystem, files)).rejects.toThrow(certificateFile);
  writeFileSync(certificateFile, "-----BEGIN CERTIFICATE-----");
  await expect(readTlsFiles(nodeFileSystem, files)).rejects.toThrow(files.privateKeyFile);
});

it.each([
  ["127.0.0.1", true],
  ["127.8.9.10", true],
  ["localhost", true],
  ["::1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.0.2.1", false],
  ["127.example.com", false],
])("takes %s for a loopback address: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
