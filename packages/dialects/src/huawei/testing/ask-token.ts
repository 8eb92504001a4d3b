import { expect } from "vitest";
import { type Answer, CLERK_PASSWORD, type IamWorld } from "./iam-world.ts";

/** The part of a token request that says who asks: the clerk, by its password. */
export const password = (user: object = {}) => ({
  methods: ["password"],
  password: { user: { name: "clerk", password: CLERK_PASSWORD, domain: { name: "shipper" }, ...user } },
});

/** The account, by its access key and secret. */
export function accessKey(world: IamWorld) {
  const { accessKeyId, secret } = world.account.accessKey;
  return { methods: ["hw_ak_sk"], hw_ak_sk: { access: { key: accessKeyId }, secret: { key: secret } } };
}

export function askToken(
  world: IamWorld,
  identity: object,
  scope?: object,
  query: Record<string, string> = {},
): Promise<Answer> {
  const body = { auth: { identity, ...(scope === undefined ? {} : { scope }) } };
  return world.call({ method: "POST", path: "/v3/auth/tokens", query, body });
}

export async function tokenFor(world: IamWorld, identity: object, scope?: object): Promise<string> {
  const answer = await askToken(world, identity, scope);
  expect(answer.status, answer.text).toBe(201);
  return answer.headers.get("x-subject-token") ?? "";
}

/** Lets the clerk look at Fabric instances of a project. */
export async function grantReading(world: IamWorld, projectId: string): Promise<void> {
  await world.harness.platform.tenancy.grants.create(world.account.caller, {
    policyId: "BCS Fabric ReadOnlyAccess",
    granteeKind: "user",
    granteeId: world.clerk.uid,
    scopeKind: "project",
    scopeId: projectId,
  });
}

export const outcome = ({ status, body }: Answer) => ({ status, code: body["error_code"] });
