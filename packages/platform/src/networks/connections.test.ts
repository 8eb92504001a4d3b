import { X509Certificate } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { certificateSummary } from "@concordat/identity";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fromBufferPromise } from "yauzl";
import { codeOf, Harness } from "../testing/harness.ts";
import { createNetwork, createNetworkCast, type NetworkCast } from "./networks.fixture.ts";

let harness: Harness;
let cast: NetworkCast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createNetworkCast(harness);
});
afterEach(() => harness.dispose());

async function filesOf(bytes: Uint8Array): Promise<Map<string, { readonly text: string; readonly mode: number }>> {
  const zip = await fromBufferPromise(Buffer.from(bytes));
  const files = new Map<string, { readonly text: string; readonly mode: number }>();
  for await (const entry of zip.eachEntry()) {
    const text = (await buffer(await zip.openReadStreamPromise(entry))).toString("utf8");
    files.set(entry.fileName, { text, mode: (entry.externalFileAttributes >>> 16) & 0o777 });
  }
  return files;
}

it("is one zip with everything that a Gateway client needs, whose key is kept nowhere", async () => {
  const { networkId } = cast.network;
  await harness.platform.networks.createChannel(cast.owner, { networkId, channelId: "trade" });
  const { fileName, bytes } = await harness.platform.networks.createConnection(cast.owner, {
    networkId,
    mspId: "BetaMSP",
  });
  expect(fileName).toBe("net-BetaMSP-connection.zip");
  const files = await filesOf(bytes);
  const names = [...files.keys()];
  expect(names).toEqual(
    expect.arrayContaining(["msp/config.yaml", "msp/signcerts/cert.pem", "tls/ca.crt", "connection.json"]),
  );
  const key = names.find((name) => name.startsWith("msp/keystore/")) ?? "";
  expect(files.get(key)).toMatchObject({ mode: 0o600, text: expect.stringContaining("BEGIN PRIVATE KEY") });
  const certificate = files.get("msp/signcerts/cert.pem")?.text ?? "";
  const { uid, accountUid } = cast.owner.principal;
  expect(certificateSummary(certificate)).toMatchObject({
    role: "client",
    attributes: { tenant: accountUid, principal: uid },
  });
  const profile = JSON.parse(files.get("connection.json")?.text ?? "");
  expect(profile).toMatchObject({
    mspId: "BetaMSP",
    channels: ["trade"],
    peers: [
      { name: "peer0.betamsp.net", tlsHostName: "peer0.betamsp.net", mspId: "BetaMSP" },
      { name: "peer0.alphamsp.net" },
    ],
    orderers: [{ name: "orderer0.alphamsp.net" }],
  });
  expect(profile.peers[0].endpoint).toMatch(/^localhost:\d+$/);
  expect(profile.peers[0].tlsRootCertificates).toBe(files.get("tls/ca.crt")?.text);
  // The peer's certificate is good for that name, under that root.
  const peer = harness.fabric
    .nodes()
    .map(({ nodeId }) => harness.fabric.configOf(nodeId))
    .find((node) => node?.name === "peer0.betamsp.net");
  const shown = new X509Certificate(peer?.tls.certificatePem ?? "");
  expect(shown.checkHost("peer0.betamsp.net")).toBe("peer0.betamsp.net");
  expect(shown.checkIssued(new X509Certificate(profile.peers[0].tlsRootCertificates))).toBe(true);
  const stored = harness.platform.provisioning.directory.table("certificates").all();
  expect(stored.find(({ certificatePem }) => certificatePem === certificate)).toMatchObject({ keySealed: null, uid });
  expect(await harness.auditCount("network:connection:create")).toBe(1);
});

it("has a TLS key of its own where the network asks for one", async () => {
  const { networkId } = await createNetwork(harness, cast.owner, { name: "mutual", mutualTls: true });
  const { bytes } = await harness.platform.networks.createConnection(cast.owner, {
    networkId,
    mspId: "BetaMSP",
    commonName: "alice",
  });
  const files = await filesOf(bytes);
  expect(files.get("tls/client.key")?.mode).toBe(0o600);
  const client = new X509Certificate(files.get("tls/client.crt")?.text ?? "");
  expect(client.checkIssued(new X509Certificate(files.get("tls/ca.crt")?.text ?? ""))).toBe(true);
});

it("leaves the principal's own certificate in its place, and is refused while that is frozen", async () => {
  const { networkId } = cast.network;
  const { uid, mspId } = cast.owner.principal;
  const own = (await harness.platform.certificates.list(cast.owner, { mspId, uid, offset: 0, limit: 9 })).items;
  expect(own).toMatchObject([{ isCurrent: true }]);
  await harness.platform.networks.createConnection(cast.owner, { networkId, mspId: "AlphaMSP", commonName: uid });
  const [first] = own;
  if (first === undefined) throw new Error("The owner has no certificate.");
  await harness.platform.certificates.freeze(cast.administrator, first);
  const refused = harness.platform.networks.createConnection(cast.owner, { networkId, mspId: "AlphaMSP" });
  expect(await codeOf(refused)).toBe("CERTIFICATE_NOT_USABLE");
  expect(await codeOf(harness.platform.networks.createConnection(cast.owner, { networkId, mspId: "GammaMSP" }))).toBe(
    "ORGANIZATION_UNKNOWN",
  );
});
