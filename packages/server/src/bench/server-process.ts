import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InvariantError, nodeFileSystem } from "@concordat/base";
import { type BootstrapFile, readBootstrapFile } from "../bootstrap/bootstrap-file.ts";

export interface ChildProcess {
  readonly processId: number;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
}

export interface ServerProcess extends ChildProcess {
  readonly bootstrap: BootstrapFile;
}

/** Starts the server as its users do, in a process of its own on any free port, and waits until it says that it is ready. */
export async function startServerProcess(directory: string): Promise<ServerProcess> {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const data = join(directory, "data");
  await nodeFileSystem.makeDirectory(directory);
  const words = [main, "up", "--data", data, "--port", "0", "--master-key-file", join(directory, "master.key")];
  const { child } = await startProcess(words, "is ready at");
  const bootstrap = await readBootstrapFile(nodeFileSystem, join(data, "bootstrap.json"));
  if (bootstrap === undefined) throw new InvariantError("The server did not start.");
  return { bootstrap, ...child };
}

/** Starts the reference server of bare-server.ts. */
export async function startBareServer(): Promise<ChildProcess & { readonly port: number }> {
  const main = fileURLToPath(new URL("./bare-server.ts", import.meta.url));
  const { child, text } = await startProcess([main], "listening on");
  return { port: Number(/listening on (\d+)/.exec(text)?.[1]), ...child };
}

/** Runs a module until it prints the line that says that it is ready. */
async function startProcess(words: readonly string[], readyLine: string) {
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(child, "exit");
  let text = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    text += chunk;
    if (text.includes(readyLine)) break;
  }
  const processId = child.pid;
  if (processId === undefined || !text.includes(readyLine))
    throw new InvariantError("A process of the benchmark did not start.");
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { child: { processId, stop }, text };
}
