/**
 * A built-in contract, unchanged, as chaincode of a Hyperledger Fabric network: "chaincode as a service" under the official fabric-shim.
 * The peer that it is installed on connects to it. It serves without TLS: keep it on an address that only the peer reaches.
 *
 * CONTRACT names it: evidence (when left out), collaboration, audit or token.
 *
 *     CHAINCODE_ID=evidence:<package hash> CHAINCODE_SERVER_ADDRESS=127.0.0.1:9999 npm run example:fabric-chaincode
 */
import {
  auditContract,
  collaborationContract,
  evidenceContract,
  toChaincode,
  tokenContract,
} from "@concordat/contracts";
import fabricShim, { type ChaincodeServerOpts } from "fabric-shim";

const name = process.env["CONTRACT"] ?? evidenceContract.name;
const contract = [evidenceContract, collaborationContract, auditContract, tokenContract].find(
  (each) => each.name === name,
);
if (contract === undefined) throw new RangeError(`There is no contract ${name}.`);
const chaincode = toChaincode(contract, fabricShim);
const options = {
  ccid: process.env["CHAINCODE_ID"] ?? contract.name,
  address: process.env["CHAINCODE_SERVER_ADDRESS"] ?? "127.0.0.1:9999",
};
// The declared type asks for TLS; without `tlsProps` the shim serves plain gRPC.
await fabricShim.Shim.server(chaincode, options as ChaincodeServerOpts).start();
