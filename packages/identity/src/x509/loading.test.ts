import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { generateSigningKey } from "../signing-keys.ts";
import { TEST_TIME_MS, testAuthority } from "../testing/authority.ts";
import { makeSigningRequest } from "../testing/signing-request.ts";
import { issueKeyedCertificate } from "./authority.ts";

it("reads and judges certificates, lists and requests without the library that issues them", async () => {
  const { authority } = await testAuthority("P-256");
  const input = {
    certificate: (await issueKeyedCertificate(authority, { role: "client", commonName: "1" })).certificatePem,
    authority: authority.certificatePem,
    list: await authority.revocationList({ number: 1n, entries: [] }),
    request: makeSigningRequest(await generateSigningKey("P-256"), { commonName: "1" }),
    atMs: TEST_TIME_MS,
  };
  const script = `
    import { createRequire } from "node:module";
    const { parseSigningRequest, verifyCertificateChain } = await import(${JSON.stringify(new URL("../index.ts", import.meta.url).href)});
    const { certificate, authority, list, request, atMs } = ${JSON.stringify(input)};
    const verdict = verifyCertificateChain(certificate, { authorities: [authority], crls: [list], atMs });
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => /@peculiar|sm-crypto/.test(path));
    console.log(verdict.valid, parseSigningRequest(request).subject, loaded.length);`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { stdio: "pipe" });
  expect(output.toString().trim()).toBe("true CN=1 0");
});
