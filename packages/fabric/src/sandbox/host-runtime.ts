import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What of the host every sandbox needs to run Node and a shell. */
export interface HostRuntime {
  readonly nodePath: string;
  readonly launcherPath: string;
  /** A package.json that says which kind of module the launcher is. */
  readonly launcherManifestPath: string;
  /** Folders of programs and libraries, as they are on the host: a folder, or a link to another place. */
  readonly systemPaths: readonly ({ readonly path: string } | { readonly path: string; readonly linkTarget: string })[];
  /** The folder of the npm command, when the host has it. */
  readonly npmFolder: string | undefined;
  /** PEM. The authorities that the host trusts: a registry inside a company often has a certificate of its own one. */
  readonly authoritiesFile: string | undefined;
}

/** Where Debian, Fedora and Alpine, and SUSE keep them in one file. */
const authorityFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
];

/** No /usr/local, /opt, /home or /var: what an operator puts there is nobody's business. */
const systemFolders = [
  "/usr/bin",
  "/usr/lib",
  "/usr/lib32",
  "/usr/lib64",
  "/usr/libexec",
  "/bin",
  "/lib",
  "/lib32",
  "/lib64",
];

function systemPath(path: string): HostRuntime["systemPaths"][number] | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return stats.isSymbolicLink() ? { path, linkTarget: readlinkSync(path) } : { path };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function findNpm(nodePath: string, searchPath: string): string | undefined {
  const beside = join(dirname(nodePath), "..", "lib", "node_modules", "npm");
  if (isFile(join(beside, "bin", "npm-cli.js"))) return realpathSync(beside);
  for (const folder of searchPath.split(":")) {
    const command = join(folder, "npm");
    if (folder === "" || !isFile(command)) continue;
    const npm = dirname(dirname(realpathSync(command)));
    if (isFile(join(npm, "bin", "npm-cli.js"))) return npm;
  }
  return undefined;
}

export function findHostRuntime(searchPath: string = process.env["PATH"] ?? ""): HostRuntime {
  const nodePath = realpathSync(process.execPath);
  return {
    nodePath,
    launcherPath: fileURLToPath(new URL("./launcher.ts", import.meta.url)),
    launcherManifestPath: fileURLToPath(new URL("../../package.json", import.meta.url)),
    systemPaths: systemFolders.map(systemPath).filter((path) => path !== undefined),
    npmFolder: findNpm(nodePath, searchPath),
    authoritiesFile: authorityFiles.find(isFile),
  };
}
