/**
 * The `concordat` command. This module imports nothing of the product itself: the cache of compiled modules must be
 * on before they load. It halves the time of a start.
 */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const cacheHome = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
// In the user's own cache, not in the shared temporary folder where another user could have put something. The
// variable turns it on in worker threads, and in whatever process the command starts.
process.env["NODE_COMPILE_CACHE"] ||= join(cacheHome, "concordat", "compiled");
enableCompileCache();

// Whoever reads the output may stop before its end, as `head` does: the rest goes nowhere, and a server goes on.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const { runCommandLine } = await import("./cli/run.ts");
const code = await runCommandLine(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
