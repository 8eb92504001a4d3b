import { toChaincode } from "@concordat/contracts";
import fabricShim, { type ChaincodeServerOpts } from "fabric-shim";
import { probeContract } from "./probe-contract.ts";

/* The probe contract as a chaincode server, run as a program of its own as examples/fabric-chaincode.ts is. */

const chaincode = toChaincode(probeContract, fabricShim);
const options = { ccid: process.env["CHAINCODE_ID"], address: process.env["CHAINCODE_SERVER_ADDRESS"] };
await fabricShim.Shim.server(chaincode, options as ChaincodeServerOpts).start();
