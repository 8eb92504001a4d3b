import { spawn } from "node:child_process";
import type { SpawnCommand } from "./ports.ts";

export interface ProcessEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
}

export interface SpawnedProcess {
  /** Null when it could not be started; `ended` then rejects. */
  readonly processId: number | null;
  readonly ended: Promise<ProcessEnd>;
  /** Ends its standard input, which a launcher takes as the wish that it ends. */
  askToEnd(): void;
  /** Kills it and its process group at once. */
  kill(): void;
}

export type OutputStream = "stdout" | "stderr";

export interface Spawner {
  spawn(command: SpawnCommand, onOutput: (stream: OutputStream, chunk: Uint8Array) => void): SpawnedProcess;
}

/** Processes of the operating system, each the leader of a group and a session of its own. */
export const systemSpawner: Spawner = {
  spawn(command, onOutput) {
    const user = command.userId === undefined ? {} : { uid: command.userId, gid: command.userId };
    const child = spawn(command.file, command.args, {
      cwd: command.workingFolder,
      env: { ...command.environment },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      ...user,
    });
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].on("data", (chunk: Buffer) => onOutput(stream, chunk));
      child[stream].on("error", () => {});
    }
    child.stdin.on("error", () => {});
    const ended = new Promise<ProcessEnd>((resolve, reject) => {
      child.once("error", reject);
      // "close" comes after the last output, but waits for every holder of the pipes; what a process left behind must not hold it.
      child.once("exit", (code, signal) => setImmediate(() => resolve({ code, signal })));
    });
    ended.catch(() => {});
    return {
      processId: child.pid ?? null,
      ended,
      askToEnd: () => child.stdin.end(),
      kill() {
        if (child.pid === undefined) return;
        try {
          process.kill(-child.pid, "SIGKILL");
        } catch {
          // Nobody of the group is left.
        }
      },
    };
  },
};
