import { access } from "node:fs/promises";
import { join } from "node:path";
import type { LaunchedCommand } from "../sandbox/ports.ts";
import { buildFailure } from "./build-failure.ts";
import type { ContractManifest } from "./manifest.ts";

const PEER_ADDRESS = "--peer.address {{address}}";

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** A contract in TypeScript must bring what its compiler made: nothing is compiled here. */
async function checkMain(folder: string, main: string): Promise<void> {
  const path = join(folder, main);
  if (/\.[cm]?ts$/.test(main)) {
    throw buildFailure(`its main file "${main}" is TypeScript: compile it before packing and name the JavaScript`);
  }
  for (const candidate of [path, `${path}.js`, `${path}.cjs`, join(path, "index.js")]) {
    if (await exists(candidate)) return;
  }
  const isTypeScript = await exists(join(folder, "tsconfig.json"));
  const hint = isTypeScript ? ": a contract in TypeScript must be compiled before it is packed" : "";
  throw buildFailure(`its main file "${main}" is not in the package${hint}`);
}

/**
 * What `npm start -- --peer.address ADDRESS` runs, which is how Fabric starts such contracts: the script "prestart", then "start"
 * with the arguments behind it, or `node server.js` when there is no script and such a file.
 * @source npm documentation, commands/npm-start; fabric core/chaincode/platforms/node
 * @throws FabricError CONTRACT_NOT_RUNNING
 */
export async function startCommands(folder: string, manifest: ContractManifest): Promise<LaunchedCommand[]> {
  const { prestart, start } = manifest.scripts;
  if (start === undefined && !(await exists(join(folder, "server.js")))) {
    throw buildFailure('its package.json has no script "start"');
  }
  if (manifest.main !== undefined && (start ?? "").includes("fabric-chaincode-node")) {
    await checkMain(folder, manifest.main);
  }
  const scripts = [...(prestart === undefined ? [] : [prestart]), `${start ?? "node server.js"} ${PEER_ADDRESS}`];
  return scripts.map((script) => ({ file: "/bin/sh", args: ["-c", script] }));
}
