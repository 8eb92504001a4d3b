/**
 * The `concordat` command. This module imports nothing of the product itself: the cache of compiled modules must be
 * on before they load; it saves about 100 ms of a start.
 */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const cacheHome = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
// In the user's own cache, not in the shared temporary folder where another user could have put something.
enableCompileCache(join(cacheHome, "concordat", "compiled"));

const { runCommandLine } = await import("./cli/run.ts");
const code = await runCommandLine(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
