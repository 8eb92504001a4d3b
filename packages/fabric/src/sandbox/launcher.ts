/**
 * The first process inside a sandbox. It stands alone (nothing but Node's own modules), because it is the only file of ours there; types are
 * gone when it runs.
 *
 * Contracts dial `host:port`, never a Unix socket. So it listens on a loopback port (of the sandbox's own network, where there is one) and
 * forwards each connection to the socket, then runs the commands of its specification. When its standard input ends, it asks the whole
 * process group to end; the supervisor does not wait for ever.
 */
import { spawn } from "node:child_process";
import { createConnection, createServer, type Server } from "node:net";
import { constants } from "node:os";
import { dirname } from "node:path";
import type { LaunchSpecification } from "./ports.ts";

const EXIT_UNUSABLE = 126;
const EXIT_SIGNAL_BASE = 128;
/** Connections at once: a contract needs one, a build a few. */
const CONNECTIONS_MAX = 64;

function listenBefore(socketPath: string): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer((inner) => {
    const outer = createConnection({ path: socketPath });
    const end = () => {
      inner.destroy();
      outer.destroy();
    };
    inner.on("error", end).on("close", end);
    outer.on("error", end).on("close", end);
    inner.pipe(outer).pipe(inner);
  });
  server.maxConnections = CONNECTIONS_MAX;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const bound = server.address();
      if (bound === null || typeof bound === "string") reject(new TypeError("The bridge has no port."));
      else resolve({ server, address: `127.0.0.1:${bound.port}` });
    });
  });
}

type Launch = Pick<LaunchSpecification, "environment" | "workingFolder"> & LaunchSpecification["commands"][number];

function run({ file, args, environment, workingFolder }: Launch): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ["ignore", "inherit", "inherit"],
      env: environment,
      cwd: workingFolder,
    });
    child.once("error", (error) => {
      process.stderr.write(`"${file}" cannot be started: ${error.message}\n`);
      resolve(EXIT_UNUSABLE);
    });
    child.once("exit", (code, signal) => {
      resolve(code ?? EXIT_SIGNAL_BASE + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

function endWithInput(): void {
  process.on("SIGTERM", () => {});
  process.stdin.on("error", () => {});
  process.stdin.once("end", () => process.kill(0, "SIGTERM"));
  process.stdin.resume();
}

async function main(): Promise<number> {
  // Written by the supervisor that started this process.
  const specification = JSON.parse(process.argv[2] ?? "") as LaunchSpecification;
  endWithInput();
  const { address } = await listenBefore(specification.socketPath);
  const { root, temporary, workingFolder } = specification;
  const bin = dirname(process.execPath);
  const fill = (text: string) =>
    text
      .replaceAll("{{address}}", address)
      .replaceAll("{{root}}", root)
      .replaceAll("{{bin}}", bin)
      .replaceAll("{{temporary}}", temporary);
  const environment = Object.fromEntries(
    Object.entries(specification.environment).map(([name, value]) => [name, fill(value)]),
  );
  for (const { file, args } of specification.commands) {
    const code = await run({ file: fill(file), args: args.map(fill), environment, workingFolder });
    if (code !== 0) return code;
  }
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`The launcher failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EXIT_UNUSABLE);
  },
);
