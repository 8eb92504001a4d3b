import { Command } from "commander";
import { expect, it } from "vitest";
import { addNetworkOptions, type NetworkFlags, networkOptions } from "./network-options.ts";

function parse(...words: readonly string[]) {
  const command = addNetworkOptions(new Command()).exitOverride();
  command.configureOutput({ writeErr: () => undefined });
  command.parse([...words], { from: "user" });
  return networkOptions(command.opts<NetworkFlags>());
}

it("leaves everything at its default when nothing is said", () => {
  expect(parse()).toEqual({});
});

it("reads every option, and addresses as often as they are given", () => {
  const words = [
    "--fabric-host",
    "0.0.0.0",
    "--contract-address",
    "cc.example:9999",
    "--contract-address",
    "[::1]:7052",
  ];
  const further = ["--contract-registry", "https://npm.example/", "--contract-timeout", "45", "--unsafe-contracts"];
  expect(parse(...words, ...further)).toEqual({
    host: "0.0.0.0",
    contractAddresses: ["cc.example:9999", "[::1]:7052"],
    contractRegistry: "https://npm.example/",
    contractTimeoutMs: 45_000,
    unsafeContracts: true,
  });
});

it.each([
  ["--contract-address", "host"],
  ["--contract-address", "host:0"],
  ["--contract-address", "host:65536"],
  ["--contract-registry", "ftp://x/"],
  ["--contract-registry", "https://user:hush@x/"],
  ["--contract-timeout", "0"],
  ["--contract-timeout", "3601"],
])("refuses %s %s", (option, value) => {
  expect(() => parse(option, value)).toThrow();
});
