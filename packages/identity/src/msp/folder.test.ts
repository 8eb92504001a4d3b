import { createHash } from "node:crypto";
import { bytesToUtf8 } from "@concordat/base";
import { expect, it } from "vitest";
import { publicKeyBits, signingKeyFromDer, signingKeyToDer } from "../signing-keys.ts";
import { testAuthority } from "../testing/authority.ts";
import { issueKeyedCertificate, issueKeyedServerCertificate } from "../x509/authority.ts";
import { pemToDer } from "../x509/pem.ts";
import { type FolderFile, mspFolder } from "./folder.ts";

const contents = (files: readonly FolderFile[]) =>
  Object.fromEntries(files.map(({ path, bytes }) => [path, bytesToUtf8(bytes)]));

async function organization() {
  const [ca, tlsCa] = [(await testAuthority("P-256")).authority, (await testAuthority("P-256")).authority];
  const crl = await ca.revocationList({ number: 1n, entries: [] });
  return { ca, tlsCa, crl };
}

it("of a node holds what Fabric looks for, and marks its two keys as secret", async () => {
  const { ca, tlsCa, crl } = await organization();
  const identity = await issueKeyedCertificate(ca, { role: "peer", commonName: "peer0" });
  const tls = await issueKeyedServerCertificate(tlsCa, { hosts: ["peer0.example"], role: "peer" });
  const files = mspFolder({
    authorities: [ca.certificatePem],
    tlsAuthorities: [tlsCa.certificatePem],
    revocationLists: [crl],
    identity,
    tls,
  });
  const bits = publicKeyBits(signingKeyFromDer(identity.privateKeyDer).publicKey);
  const keyPath = `msp/keystore/${createHash("sha256").update(bits).digest("hex")}_sk`;
  const { [keyPath]: key = "", "tls/server.key": tlsKey = "", ...rest } = contents(files);
  expect(rest).toEqual({
    "msp/config.yaml": expect.stringContaining("NodeOUs:\n  Enable: true\n"),
    "msp/cacerts/ca-cert.pem": ca.certificatePem,
    "msp/tlscacerts/tlsca-cert.pem": tlsCa.certificatePem,
    "msp/crls/crl.pem": crl,
    "msp/signcerts/cert.pem": identity.certificatePem,
    "tls/ca.crt": tlsCa.certificatePem,
    "tls/server.crt": tls.certificatePem,
  });
  expect(pemToDer("PRIVATE KEY", key)).toEqual(identity.privateKeyDer);
  expect(pemToDer("PRIVATE KEY", tlsKey)).toEqual(tls.privateKeyDer);
  expect(files.filter(({ secret }) => secret).map(({ path }) => path)).toEqual([keyPath, "tls/server.key"]);
});

it("says which unit is which role, under the one authority", async () => {
  const { ca, tlsCa } = await organization();
  const files = mspFolder({ authorities: [ca.certificatePem], tlsAuthorities: [tlsCa.certificatePem] });
  const unit = (heading: string, name: string) =>
    `  ${heading}OUIdentifier:\n    Certificate: cacerts/ca-cert.pem\n    OrganizationalUnitIdentifier: ${name}\n`;
  expect(contents(files)["msp/config.yaml"]).toBe(
    `NodeOUs:\n  Enable: true\n${unit("Client", "client")}${unit("Peer", "peer")}${unit("Admin", "admin")}${unit("Orderer", "orderer")}`,
  );
  expect(files.some(({ secret }) => secret)).toBe(false);
});

it("after a change of keys trusts both authorities and ties the roles to neither", async () => {
  const [{ ca, tlsCa, crl }, earlier] = [await organization(), await organization()];
  const identity = {
    certificatePem: (await issueKeyedCertificate(ca, { role: "client", commonName: "1" })).certificatePem,
  };
  const files = contents(
    mspFolder({
      authorities: [ca.certificatePem, earlier.ca.certificatePem],
      tlsAuthorities: [tlsCa.certificatePem, earlier.tlsCa.certificatePem],
      revocationLists: [crl, earlier.crl],
      identity,
    }),
  );
  expect(Object.keys(files)).toEqual([
    "msp/config.yaml",
    "msp/cacerts/ca-cert.pem",
    "msp/cacerts/ca-2-cert.pem",
    "msp/tlscacerts/tlsca-cert.pem",
    "msp/tlscacerts/tlsca-2-cert.pem",
    "msp/crls/crl.pem",
    "msp/crls/crl-2.pem",
    "msp/signcerts/cert.pem",
  ]);
  expect(files["msp/config.yaml"]).not.toContain("Certificate:");
});

it.each(["P-256", "SM2"] as const)("takes a %s identity, and refuses what is no key", async (algorithm) => {
  const { authority } = await testAuthority(algorithm);
  const { certificatePem, privateKeyDer } = await issueKeyedCertificate(authority, { role: "admin", commonName: "a" });
  const options = { authorities: [authority.certificatePem], tlsAuthorities: [authority.certificatePem] } as const;
  const files = contents(mspFolder({ ...options, identity: { certificatePem, privateKeyDer } }));
  const [, key = ""] = Object.entries(files).find(([path]) => path.startsWith("msp/keystore/")) ?? [];
  const stored = signingKeyFromDer(pemToDer("PRIVATE KEY", key) ?? new Uint8Array(0));
  expect(signingKeyToDer(stored)).toEqual(privateKeyDer);
  const broken = { certificatePem, privateKeyDer: privateKeyDer.subarray(1) };
  expect(() => mspFolder({ ...options, identity: broken })).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
});
