import { type Command, InvalidArgumentError, Option } from "commander";
import { isDatabaseUrl } from "../../database-address.ts";
import type { ServerOptions } from "../../server.ts";
import { isLoopback } from "../../tls.ts";
import type { CommandContext } from "../context.ts";
import { dataOption, parsePort } from "../options.ts";
import type { SetExitCode } from "../run.ts";
import { addNetworkOptions, type NetworkFlags, networkOptions } from "./network-options.ts";

interface UpFlags extends NetworkFlags {
  readonly data: string;
  readonly port: number;
  readonly host: string;
  readonly region: string;
  readonly huaweiRegion?: string;
  readonly auditKeepDays?: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly insecureHttp?: true;
  readonly masterKeyFile?: string;
  readonly database?: string;
  readonly advertise?: string;
}

export function addUpCommand(program: Command, context: CommandContext, setExitCode: SetExitCode): void {
  const command = program
    .command("up")
    .description("start the server; the first start makes the installation and writes bootstrap.json")
    .addOption(dataOption())
    .addOption(
      new Option("-p, --port <number>", "port; 0 takes any free one")
        .env("CONCORDAT_PORT")
        .default(8080)
        .argParser(parsePort),
    )
    .option("--host <address>", "address to listen on; any but a loopback address turns TLS on", "127.0.0.1")
    .option("--region <name>", "region that the Aliyun API reports", parseRegion, "cn-shanghai")
    .option("--huawei-region <name>", "region of the Huawei API and name of a tenant's first project", parseRegion)
    .option(
      "--audit-keep-days <number>",
      "audit entries leave the control store after this time; the ledger keeps them",
      parseDays,
    )
    .option("--tls-cert <file>", "own certificate chain, PEM; turns TLS on")
    .option("--tls-key <file>", "its private key, PEM")
    .option("--insecure-http", "no TLS on other than loopback addresses: only behind something that does it")
    .option("--master-key-file <file>", "file of the master key, outside the data folder (or CONCORDAT_MASTER_KEY)")
    .addOption(
      new Option(
        "--database <url>",
        "PostgreSQL for the control store, postgres://..., which several servers may share; a password belongs in the variable",
      ).env("CONCORDAT_DATABASE"),
    )
    .addOption(
      new Option(
        "--advertise <url>",
        "address that other servers on the same database name for this one; by default the one it listens on",
      ).env("CONCORDAT_ADVERTISE"),
    );
  addNetworkOptions(command);
  command.action(async (flags: UpFlags) => {
    const options = serverOptions(flags, command);
    const { runServer } = await import("../../run-server.ts");
    await runServer(options, context);
    // The server now keeps the process alive; its signal handlers end it.
    setExitCode(undefined);
  });
}

function serverOptions(flags: UpFlags, command: Command): ServerOptions {
  const { tlsCert, tlsKey } = flags;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    command.error("error: --tls-cert and --tls-key go together.");
  }
  if (tlsCert !== undefined && flags.insecureHttp === true) {
    command.error("error: --insecure-http and --tls-cert exclude each other.");
  }
  // Their values are not repeated: they may hold a password.
  if (flags.database !== undefined && !isDatabaseUrl(flags.database)) {
    command.error(
      "error: --database (CONCORDAT_DATABASE) must be of the form postgres://user:password@host:port/name.",
    );
  }
  if (flags.advertise !== undefined && !/^https?:\/\/[^/?#@]+$/.test(flags.advertise)) {
    command.error("error: --advertise must be of the form http://host:port, without a path.");
  }
  const files =
    tlsCert === undefined || tlsKey === undefined ? undefined : { certificateFile: tlsCert, privateKeyFile: tlsKey };
  const plain = flags.insecureHttp === true || isLoopback(flags.host);
  return {
    dataDirectory: flags.data,
    host: flags.host,
    port: flags.port,
    region: flags.region,
    ...(flags.huaweiRegion === undefined ? {} : { huaweiRegion: flags.huaweiRegion }),
    ...(flags.auditKeepDays === undefined ? {} : { auditKeptDays: flags.auditKeepDays }),
    transport: files !== undefined ? { kind: "tls-files", ...files } : { kind: plain ? "http" : "tls-own" },
    ...(flags.masterKeyFile === undefined ? {} : { masterKeyFile: flags.masterKeyFile }),
    ...(flags.database === undefined ? {} : { database: flags.database }),
    ...(flags.advertise === undefined ? {} : { advertisedUrl: flags.advertise }),
    networks: networkOptions(flags),
  };
}

function parseDays(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw new InvalidArgumentError("A number of days is 1 to 99999.");
  return Number(text);
}

function parseRegion(text: string): string {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(text)) {
    throw new InvalidArgumentError("A region has 1 to 32 lower-case letters, digits and hyphens.");
  }
  return text;
}
