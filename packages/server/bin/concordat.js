#!/usr/bin/env node
// The concordat command. Node 24 runs the TypeScript sources as they are; an older Node hands over to the Node 24
// that is installed beside them. Plain JavaScript, because an older Node must be able to read it.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_NEEDED = 24;

if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_NEEDED) {
  await import("../src/main.ts");
} else {
  handOver(pinnedNode());
}

function pinnedNode() {
  const system = process.platform === "win32" ? "win" : process.platform;
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${system}-${process.arch}/package.json`);
    return join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    process.stderr.write(
      `concordat: This is Node ${process.versions.node}, and the Node ${NODE_MAJOR_NEEDED} that npm installs beside Concordat is missing.\n` +
        `  Install Node ${NODE_MAJOR_NEEDED} or newer, or run npm install without --omit=optional.\n`,
    );
    return process.exit(1);
  }
}

/** @param {string} node */
function handOver(node) {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`concordat: ${node} cannot be started (${error.message}).\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
