import { flushCompileCache } from "node:module";
import { createJsonLogger, systemClock, systemRandom } from "@concordat/base";
import type { CommandContext } from "./cli/context.ts";
import { type ServerOptions, startServer } from "./server.ts";
import { stopOnSignals } from "./signals.ts";
import { startScreen } from "./start-screen.ts";

/** Runs a server in this process until a signal ends it. Log lines go to standard error, the screen to standard output. */
export async function runServer(options: ServerOptions, context: CommandContext): Promise<void> {
  // The words of the command line may hold the database's password: other users of the machine need not read it.
  if (options.database !== undefined) process.title = "concordat";
  const log = createJsonLogger((line) => process.stderr.write(line));
  endOnDefects((reason) => {
    log.error("ending because of a defect", { reason });
    process.exit(70);
  });
  const starting = startServer(options, {
    clock: systemClock,
    random: systemRandom,
    fileSystem: context.fileSystem,
    environment: context.environment,
    log,
    processId: process.pid,
  });
  // A signal during the start waits for it: a first run is cut short only between its steps.
  stopOnSignals(
    { stop: () => starting.then((server) => server.close()), exit: (code) => process.exit(code) },
    { clock: systemClock, log, events: process },
  );
  const server = await starting;
  context.print(startScreen(server));
  // A server that is killed would otherwise never leave the cache of its modules behind.
  setImmediate(flushCompileCache);
}

/** A state that nothing foresaw is not served from: the ledger recovers at the next start. */
function endOnDefects(end: (reason: string) => void): void {
  const reasonOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.on("uncaughtException", (error) => end(reasonOf(error)));
  process.on("unhandledRejection", (error) => end(reasonOf(error)));
}
