// Writes a value through the official Gateway client and reads it back. docs/guides/fabric-network.md makes the network and
// the folder that it reads; then: npm run example:fabric-gateway -- connection goods basic
import { createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { connect, hash, signers } from "@hyperledger/fabric-gateway";

const [folder = "connection", channelName = "goods", contractName = "basic"] = process.argv.slice(2);

/** The one file of a folder of the MSP: their names are not fixed. */
function onlyFile(...path) {
  const place = join(folder, ...path);
  const [name = ""] = readdirSync(place);
  return readFileSync(join(place, name));
}

const { mspId, peers } = JSON.parse(readFileSync(join(folder, "connection.json"), "utf8"));
const [peer] = peers;
const tls = (name) => readFileSync(join(folder, "tls", name));
// A network made with --mutual-tls asks for a certificate of the client's own.
const secure = peer.mutualTls
  ? credentials.createSsl(tls("ca.crt"), tls("client.key"), tls("client.crt"))
  : credentials.createSsl(tls("ca.crt"));
const client = new Client(peer.endpoint, secure, {
  "grpc.ssl_target_name_override": peer.tlsHostName,
});
const gateway = connect({
  client,
  identity: { mspId, credentials: onlyFile("msp", "signcerts") },
  signer: signers.newPrivateKeySigner(createPrivateKey(onlyFile("msp", "keystore"))),
  hash: hash.sha256,
});

try {
  const contract = gateway.getNetwork(channelName).getContract(contractName);
  const key = `greeting-${Date.now()}`;
  const submitted = await contract.submitAsync("put", { arguments: [key, "hello"] });
  const { code, blockNumber } = await submitted.getStatus();
  const value = Buffer.from(await contract.evaluateTransaction("get", key)).toString();
  console.log(`"${value}" is in block ${blockNumber}, transaction ${submitted.getTransactionId()}, code ${code}`);
} finally {
  gateway.close();
  client.close();
}
