import { InvariantError } from "@concordat/base";
import type { ControlChange } from "./control-store/rows.ts";
import type { OpenPlatform } from "./create-platform.ts";

/** The first administrator's credentials beside its access key, with their secrets: these exist nowhere else. */
export interface FirstCredentials {
  readonly tenant: { readonly tenantId: string; readonly name: string };
  readonly project: { readonly projectId: string; readonly name: string };
  readonly userName: string;
  readonly password: string;
  readonly apiKey: { readonly apiKey: string; readonly secret: string };
  /** The administrator's address on the BIF main chain, and its key pair in that chain's text forms. */
  readonly bid: { readonly bid: string; readonly privateKey: string; readonly publicKey: string };
  readonly oauthClient: { readonly clientId: string; readonly secret: string };
}

const writtenSetting = "bootstrap-credentials-written";

/** Whether the first credentials reached their file: then their secrets are nobody's business but their holder's. */
export function areFirstCredentialsWritten({ provisioning }: OpenPlatform): boolean {
  return provisioning.directory.setting(writtenSetting) !== undefined;
}

/**
 * Makes the first administrator's password, BIF key and OAuth client. A run that was cut off before
 * {@link recordFirstCredentialsWritten} made some whose secrets nobody has seen: those are removed and made anew.
 */
export async function makeFirstCredentials(platform: OpenPlatform, uid: string): Promise<FirstCredentials> {
  const { authentication, credentials, provisioning } = platform;
  const { directory, bids } = provisioning;
  const principal = directory.principal(uid);
  if (principal === undefined) throw new InvariantError("The first account is not in the directory.");
  await removeUnseen(platform, uid);
  const tenantId = directory.tenantIdOf(principal);
  const caller = authentication.callerOf(
    principal,
    { kind: "installation", id: "first-run" },
    { kind: "tenant", tenantId },
    { sourceAddress: undefined, requestId: "first-run" },
  );
  const { password = "" } = await credentials.passwords.set(caller, { uid });
  const { apiKey, secret: apiSecret } = await credentials.apiKeys.create(caller, { uid });
  const { client, secret: clientSecret } = await credentials.oauthClients.create(caller, {
    uid,
    name: "bootstrap",
    grantTypes: ["client_credentials", "password"],
    scopes: ["stablecoin"],
  });
  return {
    ...placeOf(platform, tenantId),
    userName: principal.name,
    password,
    apiKey: { apiKey: apiKey.apiKey, secret: apiSecret },
    bid: await bids.identity(uid),
    oauthClient: { clientId: client.clientId, secret: clientSecret },
  };
}

export async function recordFirstCredentialsWritten({ provisioning }: OpenPlatform): Promise<void> {
  const change: ControlChange = { table: "settings", row: { name: writtenSetting, value: "true" } };
  await provisioning.directory.change(async () => ({ changes: [change], result: undefined }));
}

function placeOf({ provisioning: { directory } }: OpenPlatform, tenantId: string) {
  const tenant = directory.row("tenants", tenantId);
  const project = directory
    .table("projects")
    .all()
    .find((row) => row.tenantId === tenantId);
  if (tenant === undefined || project === undefined) throw new InvariantError("The first tenant has no project.");
  return {
    tenant: { tenantId, name: tenant.name },
    project: { projectId: project.projectId, name: project.name },
  };
}

async function removeUnseen({ provisioning: { directory } }: OpenPlatform, uid: string): Promise<void> {
  await directory.change(async () => {
    const password = directory.row("passwords", uid);
    const changes: ControlChange[] = [
      ...(password === undefined ? [] : [{ table: "passwords", row: password, remove: true } as const]),
      ...ownedBy(uid, directory.table("apiKeys").all()).map(
        (row) => ({ table: "apiKeys", row, remove: true }) as const,
      ),
      ...ownedBy(uid, directory.table("oauthClients").all()).map(
        (row) => ({ table: "oauthClients", row, remove: true }) as const,
      ),
    ];
    return { changes, result: undefined };
  });
}

function ownedBy<Row extends { readonly uid: string }>(uid: string, rows: readonly Row[]): Row[] {
  return rows.filter((row) => row.uid === uid);
}
