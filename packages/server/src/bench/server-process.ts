import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InvariantError, nodeFileSystem } from "@concordat/base";
import { type BootstrapFile, readBootstrapFile } from "../bootstrap/bootstrap-file.ts";

export interface ServerProcess {
  readonly bootstrap: BootstrapFile;
  readonly processId: number;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
}

/** Starts the server as its users do, in a process of its own on any free port, and waits until it says that it is ready. */
export async function startServerProcess(directory: string): Promise<ServerProcess> {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const data = join(directory, "data");
  await nodeFileSystem.makeDirectory(directory);
  const words = [main, "up", "--data", data, "--port", "0", "--master-key-file", join(directory, "master.key")];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let text = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    text += chunk;
    if (text.includes("is ready at")) break;
  }
  const bootstrap = await readBootstrapFile(nodeFileSystem, join(data, "bootstrap.json"));
  if (bootstrap === undefined || child.pid === undefined) throw new InvariantError("The server did not start.");
  return {
    bootstrap,
    processId: child.pid,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
