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
    ["huawei iam", `${server.url}/v3/auth/tokens`],
    ["bif", `${server.url}/auth/getAccessToken`],
    ["oauth 2", `${server.url}/oauth2/v1/token`],
    ["iserver", `${server.url}/iserver/services/security/`],
    ["native api", `${server.url}/api/v1/  (description: ${server.url}/openapi/native.json)`],
    ["receipts", `${server.url}/verify.html`],
    ["coverage", `${server.url}/coverage`],
    ["data", folder.directory],
    ...(server.databasePlace === undefined ? [] : ([["control store", server.databasePlace]] as const)),
    ...server.networks.map(
      ({ network, node, endpoint }) => [`network ${network}`.slice(0, 24), `${endpoint}  (${node})`] as const,
    ),
    ...(server.ledgerIsElsewhere ? ([["ledger", "kept by another server"]] as const) : []),
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
