import { type Command, InvalidArgumentError } from "commander";
import type { NetworkOptions } from "../../fabric-host.ts";

/** As commander names the flags below. */
export interface NetworkFlags {
  readonly fabricHost?: string;
  readonly contractAddress?: readonly string[];
  readonly contractRegistry?: string;
  readonly contractTimeout?: number;
  readonly unsafeContracts?: true;
}

const TIMEOUT_SECONDS_MAX = 3_600;

/** What `up` takes for embedded Fabric networks. */
export function addNetworkOptions(command: Command): Command {
  return command
    .option(
      "--fabric-host <address>",
      "address that the peers and orderers of networks listen on; by default that of --host",
    )
    .option(
      "--contract-address <host:port>",
      "an external chaincode service that contracts of type ccaas may name; may be repeated, none by default",
      collectAddress,
    )
    .option(
      "--contract-registry <url>",
      "npm registry that contracts' builds may fetch dependencies from; by default packages bring theirs along",
      parseRegistry,
    )
    .option(
      "--contract-timeout <seconds>",
      "how long one call of a contract may take, 1 to 3600; 30 by default",
      parseTimeout,
    )
    .option(
      "--unsafe-contracts",
      "run contracts without a sandbox where the machine has none: only for your own contracts",
    );
}

export function networkOptions(flags: NetworkFlags): NetworkOptions {
  const { fabricHost, contractAddress, contractRegistry, contractTimeout, unsafeContracts } = flags;
  return {
    ...(fabricHost === undefined ? {} : { host: fabricHost }),
    ...(contractAddress === undefined ? {} : { contractAddresses: contractAddress }),
    ...(contractRegistry === undefined ? {} : { contractRegistry }),
    ...(contractTimeout === undefined ? {} : { contractTimeoutMs: contractTimeout * 1_000 }),
    ...(unsafeContracts === undefined ? {} : { unsafeContracts }),
  };
}

function collectAddress(text: string, earlier: readonly string[] = []): readonly string[] {
  const port = Number(/^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(text)?.[1] ?? 0);
  if (port < 1 || port > 65_535) throw new InvalidArgumentError("An address is host:port.");
  return [...earlier, text];
}

function parseRegistry(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.username === "" && url.password === "" && /^https?:$/.test(url.protocol);
  if (!isPlain) throw new InvalidArgumentError("A registry is an http or https URL without a password.");
  return text;
}

function parseTimeout(text: string): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > TIMEOUT_SECONDS_MAX) {
    throw new InvalidArgumentError(`A number of seconds is 1 to ${TIMEOUT_SECONDS_MAX}.`);
  }
  return seconds;
}
