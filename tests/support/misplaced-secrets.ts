import type { ApiOperation } from "./api-operations.ts";
import { basic, type WireCall } from "./wire.ts";

export interface MisplacedSecret {
  readonly what: string;
  readonly call: WireCall;
}

/** Tries of unknown names, which slow nobody else's. */
const ELSEWHERE = "127.0.0.2";

/** What puts a secret where it does not belong, or shows a wrong one. Each is to be refused. */
export function misplacedSecrets(
  operation: ApiOperation,
  authorization: Readonly<Record<string, string>>,
  canary: (what: string) => string,
): readonly MisplacedSecret[] {
  const { name, method, path, pathFields, bodyFields } = operation;
  const plain = path.replaceAll(/\{[^}]+\}/g, "1");
  const headers = { ...authorization, "content-type": "application/json", "idempotency-key": "misplaced" };
  const shot = (what: string, build: (secret: string) => Partial<WireCall>): MisplacedSecret => {
    const title = `${name}: ${what}`;
    return { what: title, call: { method, path: plain, headers, ...build(canary(title)) } };
  };
  const asked = { "idempotency-key": "misplaced" };
  return [
    shot("wrong access key secret", (secret) => ({
      headers: { ...asked, ...basic("LTAI00000000000000000000", secret) },
      from: ELSEWHERE,
    })),
    shot("secret as access key id", (secret) => ({ headers: { ...asked, ...basic(secret, "x") }, from: ELSEWHERE })),
    shot("another scheme", (secret) => ({ headers: { ...asked, authorization: `Bearer ${secret}` }, from: ELSEWHERE })),
    shot("wrong X-Auth-Token", (secret) => ({ headers: { ...asked, "x-auth-token": secret }, from: ELSEWHERE })),
    shot("query", (secret) => ({ path: `${plain}?password=${secret}` })),
    shot("path below", (secret) => ({ path: `${plain}/${secret}` })),
    ...pathFields.map((field) =>
      shot(`path field ${field}`, (secret) => ({ path: path.replaceAll(/\{[^}]+\}/g, secret) })),
    ),
    ...(bodyFields.length === 0 ? [] : inBodies(operation, headers, shot)),
  ];
}

function inBodies(
  operation: ApiOperation,
  headers: Readonly<Record<string, string>>,
  shot: (what: string, build: (secret: string) => Partial<WireCall>) => MisplacedSecret,
): readonly MisplacedSecret[] {
  const text = (value: unknown) => ({ body: JSON.stringify(value) });
  return [
    shot("unknown field", (secret) => text({ [`x${operation.bodyFields[0]}`]: secret })),
    shot("broken JSON", (secret) => ({ body: `{"password": "${secret}` })),
    shot("no JSON at all", (secret) => ({ body: secret })),
    shot("JSON that is no object", (secret) => text([secret])),
    shot("another media type", (secret) => ({
      headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
      body: `password=${secret}`,
    })),
    shot("body past the limit", (secret) => text({ [operation.bodyFields[0] ?? ""]: secret.repeat(20_000) })),
    ...operation.bodyFields.flatMap((field) => [
      shot(`${field} of another type`, (secret) => text({ [field]: { password: [secret] } })),
      shot(`${field} too long`, (secret) => text({ [field]: secret.repeat(3_000) })),
    ]),
    shot("malformed idempotency key", (secret) => ({
      headers: { ...headers, "idempotency-key": secret.repeat(30) },
      ...text({ [operation.bodyFields[0] ?? ""]: "x" }),
    })),
  ];
}
