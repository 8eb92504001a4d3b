import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { repositoryRoot } from "./repository.ts";

export interface ChaincodeProcess {
  /** Settles with a sentence when it has ended. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** A chaincode server, run as a process of its own. @param address as gRPC names it */
export function startChaincode(
  program: string,
  options: { readonly contract: string; readonly address: string; readonly chaincodeId: string },
): ChaincodeProcess {
  const { contract, address, chaincodeId } = options;
  const env = { ...process.env, CONTRACT: contract, CHAINCODE_ID: chaincodeId, CHAINCODE_SERVER_ADDRESS: address };
  // The shim logs every refusal to its standard output and calls deprecated functions; what it cannot survive comes on standard error.
  const words = ["--no-deprecation", join(repositoryRoot, program)];
  const child = spawn(process.execPath, words, { env, stdio: ["ignore", "ignore", "inherit"] });
  return {
    ended: endOf(child),
    async stop() {
      if (child.exitCode === null && child.kill()) await once(child, "exit");
    },
  };
}

async function endOf(child: ChildProcess): Promise<string> {
  const [code] = await once(child, "exit");
  return `The chaincode ended with ${code}.`;
}
