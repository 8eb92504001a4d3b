import { holdsSecrets } from "./bootstrap/bootstrap-file.ts";
import type { RunningServer } from "./server.ts";
import { ownAuthorityPath } from "./tls.ts";

/** What the operator sees once the server is ready: where everything is, and what is left to do. Never a secret. */
export function startScreen(server: RunningServer): string {
  const { bootstrap, folder } = server;
  const { aliyun } = bootstrap;
  const rows: readonly (readonly [string, string])[] = [
    ["health", `${server.url}/healthz`],
    ["aliyun ltl", `${aliyun.endpoint}  (region ${aliyun.region}, access key id ${aliyun.accessKeyId})`],
    ["native api", `${server.url}/api/v1/  (description: ${server.url}/openapi/native.json)`],
    ["receipts", `${server.url}/verify.html`],
    ["coverage", `${server.url}/coverage`],
    ["data", folder.directory],
    ["credentials", folder.bootstrap],
    ["master key", server.masterKeySource],
    ...(server.usesOwnAuthority ? ([["tls authority", ownAuthorityPath(folder)]] as const) : []),
  ];
  const lines = [`Concordat ${server.version} is ready at ${server.url}`, ""];
  lines.push(...rows.map(([name, value]) => `  ${name.padEnd(14)} ${value}`));
  if (server.masterKeyCreated)
    lines.push("", "  The master key is new: keep a copy of it apart from the data folder's backups.");
  if (holdsSecrets(bootstrap)) {
    const remedy = "Copy the secrets to where they are needed, then run: concordat bootstrap --forget --data";
    lines.push("", `  Warning: ${folder.bootstrap} holds secrets. ${remedy} ${folder.directory}`);
  }
  return `${lines.join("\n")}\n`;
}
