import { createHash } from "node:crypto";
import { type ControlChange, Harness, hashPassword } from "@concordat/platform/testing";

export const API_KEY = "Cppt4tn0YEfB20rW";
export const API_SECRET = "canary-api-secret-0123456789abcdef";
export const CLIENT_ID = "b8f2c1d0e94a4c0f9a5e6d7c8b9a0f1e";
export const CLIENT_SECRET = "canary-client-secret-0123456789";
export const PASSWORD = "canary-Password-1!";
/** The user's name in the tenant that the installation began with. */
export const USER_NAME = "sensor";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const cheap = { memory: 64, passes: 1, parallelism: 1 };

/** A platform with one user who has every kind of credential that the sign-in endpoints take, and one of another tenant. */
export interface SignInWorld {
  readonly harness: Harness;
  readonly uid: string;
  readonly otherUid: string;
  /** Changes a row behind the platform's back and starts it anew. */
  change(...changes: ControlChange[]): Promise<void>;
}

export const rowsOf = {
  apiKey: (uid: string, active = true): ControlChange => ({
    table: "apiKeys",
    row: { apiKey: API_KEY, uid, secretHash: sha256(API_SECRET), active, createdMs: 1 },
  }),
  oauthClient: (uid: string, more: { active?: boolean; grantTypes?: readonly GrantType[] } = {}): ControlChange => ({
    table: "oauthClients",
    row: {
      clientId: CLIENT_ID,
      uid,
      name: "app",
      secretHash: sha256(CLIENT_SECRET),
      grantTypes: more.grantTypes ?? ["client_credentials", "password"],
      scopes: ["stablecoin", "reports"],
      active: more.active ?? true,
      createdMs: 1,
    },
  }),
};

type GrantType = "client_credentials" | "password";

export async function createSignInWorld(): Promise<SignInWorld> {
  const harness = await Harness.start();
  const { uid: accountUid } = await harness.bootstrap();
  const { principals, organizations } = (await harness.store.load()).state;
  const account = principals.find((row) => row.uid === accountUid);
  const organization = organizations.find((row) => row.accountUid === accountUid);
  if (account === undefined || organization === undefined) throw new Error("The first account is not there.");
  const user = { ...account, kind: "ram-user" as const, name: USER_NAME, installationAdministrator: false };
  const uid = "7000000000000001";
  const otherUid = "7000000000000002";
  const other = { ...user, uid: otherUid, userId: "b".repeat(32), accountUid: otherUid, mspId: "OrgOtherMSP" };
  const hash = await hashPassword(PASSWORD, cheap, { random: { bytes: (length) => new Uint8Array(length).fill(3) } });
  const world: SignInWorld = {
    harness,
    uid,
    otherUid,
    async change(...changes) {
      await harness.commit(changes);
      await harness.restart();
    },
  };
  await world.change(
    { table: "organizations", row: { ...organization, mspId: "OrgOtherMSP", accountUid: otherUid } },
    { table: "principals", row: { ...user, uid, userId: "a".repeat(32) } },
    { table: "principals", row: { ...other, kind: "account", name: "other-company" } },
    {
      table: "tenants",
      row: { tenantId: "c".repeat(32), accountUid: otherUid, name: "other-company", enabled: true, createdMs: 9e12 },
    },
    { table: "passwords", row: { uid, hash, changedMs: 1 } },
    { table: "passwords", row: { uid: otherUid, hash, changedMs: 1 } },
    rowsOf.apiKey(uid),
    rowsOf.oauthClient(uid),
  );
  return world;
}
