import { createHmac, createPublicKey, verify } from "node:crypto";
import { systemRandom } from "@concordat/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Authorizer } from "../access/authorizer.ts";
import { Directory } from "../directory/directory.ts";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import type { Caller } from "../ports.ts";
import { Harness } from "../testing/harness.ts";
import { TokenIssuerService } from "./token-issuer-service.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.dispose());

const nowS = () => Math.floor(harness.clock.nowMs() / 1_000);
const oauthClaims = (more: object = {}) => ({ iss: "urn:x", sub: "s", exp: nowS() + 3_600, ...more });
const bifClaims = () => ({ apiKey: "k", iss: "BIF-CHAIN", exp: nowS() + 7_200, bid: "did:bid:ef" });
const part = (text: string, index: number) => Buffer.from(text.split(".")[index] ?? "", "base64url").toString("utf8");

async function administrator(): Promise<Caller> {
  const { accessKey } = await harness.bootstrap();
  const tenantId = harness.platform.provisioning.directory.tenantIdOf(accessKey.principal);
  return {
    principal: accessKey.principal,
    tenantId,
    scope: { kind: "tenant", tenantId },
    credential: { kind: "access-key", id: accessKey.accessKeyId },
    sourceAddress: undefined,
    requestId: "r",
  };
}

const auditActions = async () =>
  (await harness.store.database.selectFrom("auditEntries").select("action").execute()).map(({ action }) => action);

describe("BIF tokens", () => {
  it("have the header and the order of members that the document shows", async () => {
    const text = await harness.platform.tokenIssuer.sign("bif", bifClaims());
    expect(part(text, 0)).toBe('{"typ":"JWT","alg":"HS256"}');
    expect(part(text, 1)).toBe(`{"apiKey":"k","iss":"BIF-CHAIN","exp":${nowS() + 7_200},"bid":"did:bid:ef"}`);
    expect(await harness.platform.tokenIssuer.verify("bif", text)).toEqual(bifClaims());
  });
});

describe("OAuth tokens", () => {
  it("are RS256 and verify by the public key with plain node:crypto", async () => {
    const { tokenIssuer } = harness.platform;
    const text = await tokenIssuer.sign("oauth", oauthClaims());
    const [jwk] = await tokenIssuer.publicKeys();
    expect(JSON.parse(part(text, 0))).toEqual({ alg: "RS256", typ: "JWT", kid: jwk?.["kid"] });
    const signature = Buffer.from(text.split(".")[2] ?? "", "base64url");
    const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
    expect(verify("sha256", Buffer.from(text.slice(0, text.lastIndexOf("."))), key, signature)).toBe(true);
    expect(Object.keys(jwk ?? {}).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
  });
});

describe.each(["bif", "oauth"] as const)("%s tokens", (purpose) => {
  const claims = () => (purpose === "bif" ? bifClaims() : oauthClaims());
  const other = purpose === "bif" ? "oauth" : "bif";

  it("verify until they expire, and after a restart", async () => {
    const text = await harness.platform.tokenIssuer.sign(purpose, claims());
    const signed = claims();
    await harness.restart();
    expect(await harness.platform.tokenIssuer.verify(purpose, text)).toEqual(signed);
    harness.clock.advance((signed.exp - nowS() - 1) * 1_000);
    expect(await harness.platform.tokenIssuer.verify(purpose, text)).toEqual(signed);
    harness.clock.advance(1_000);
    expect(await harness.platform.tokenIssuer.verify(purpose, text)).toBeUndefined();
  });

  it("do not pass for tokens of the other purpose", async () => {
    const text = await harness.platform.tokenIssuer.sign(purpose, claims());
    await harness.platform.tokenIssuer.sign(other, other === "bif" ? bifClaims() : oauthClaims());
    expect(await harness.platform.tokenIssuer.verify(other, text)).toBeUndefined();
  });

  it("are refused when any part was changed, unsigned or signed by another installation", async () => {
    const { tokenIssuer } = harness.platform;
    const text = await tokenIssuer.sign(purpose, claims());
    const [header = "", payload = "", signature = ""] = text.split(".");
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    const changed = Buffer.from(JSON.stringify({ ...claims(), exp: nowS() + 9_999 })).toString("base64url");
    const foreign = await Harness.start();
    const stranger = await foreign.platform.tokenIssuer.sign(purpose, claims());
    await foreign.dispose();
    const forgeries = [
      `${header}.${changed}.${signature}`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      stranger,
      "",
      "...",
      "é.é.é",
      "a".repeat(10_000),
    ];
    for (const forgery of forgeries) expect(await tokenIssuer.verify(purpose, forgery), forgery).toBeUndefined();
    expect(await tokenIssuer.verify(purpose, text)).toBeDefined();
  });

  it("of a key that was replaced are good until they expire; others signed by it later are not", async () => {
    const caller = await administrator();
    const { tokenIssuer } = harness.platform;
    const before = await tokenIssuer.sign(purpose, claims());
    const next = await tokenIssuer.rotate(caller, purpose);
    const after = await tokenIssuer.sign(purpose, { ...claims(), jti: "after" });
    if (purpose === "oauth") {
      expect(JSON.parse(part(after, 0))).toMatchObject({ kid: next.keyId });
      expect((await tokenIssuer.publicKeys()).map((key) => key["kid"])).toEqual([
        next.keyId,
        JSON.parse(part(before, 0)).kid,
      ]);
    }
    const lifetimeMs = purpose === "oauth" ? 3_600_000 : 7_200_000;
    harness.clock.advance(lifetimeMs - 1_000);
    expect(await tokenIssuer.verify(purpose, before)).toBeDefined();
    expect(await tokenIssuer.verify(purpose, after)).toBeDefined();
    harness.clock.advance(1_000);
    expect(await tokenIssuer.verify(purpose, before)).toBeUndefined();
    // Other servers have ten seconds to notice.
    harness.clock.advance(10_000);
    if (purpose === "oauth") expect(await tokenIssuer.publicKeys()).toHaveLength(1);
    await tokenIssuer.rotate(caller, purpose);
    expect(tokenIssuer.keys(caller).filter((key) => key.purpose === purpose)).toHaveLength(2);
    expect(await auditActions()).toEqual(expect.arrayContaining(["platform:signingKey:rotate"]));
  });

  it("are signed by one key however many ask for the first at once", async () => {
    const caller = await administrator();
    const { tokenIssuer } = harness.platform;
    await Promise.all(Array.from({ length: 8 }, () => tokenIssuer.sign(purpose, claims())));
    expect(tokenIssuer.keys(caller)).toHaveLength(1);
    expect((await auditActions()).filter((action) => action === "platform:signingKey:create")).toHaveLength(1);
  });

  it("must not live longer than their key verifies", async () => {
    const { tokenIssuer } = harness.platform;
    for (const exp of [nowS() + 8_000, nowS() - 1, undefined, "soon"]) {
      await expect(tokenIssuer.sign(purpose, { ...claims(), exp })).rejects.toThrow("expiry");
    }
  });
});

it("does not take a public key for a shared secret", async () => {
  const { tokenIssuer } = harness.platform;
  await tokenIssuer.sign("oauth", oauthClaims());
  const [jwk] = await tokenIssuer.publicKeys();
  const pem = createPublicKey({ key: { ...jwk }, format: "jwk" }).export({ format: "pem", type: "spki" });
  const header = Buffer.from(JSON.stringify({ alg: "HS256", typ: "JWT", kid: jwk?.["kid"] })).toString("base64url");
  const payload = Buffer.from(JSON.stringify(oauthClaims())).toString("base64url");
  const mac = createHmac("sha256", pem).update(`${header}.${payload}`).digest("base64url");
  expect(await tokenIssuer.verify("oauth", `${header}.${payload}.${mac}`)).toBeUndefined();
});

it("keeps keys sealed, and hands their list and replacement to administrators only", async () => {
  const caller = await administrator();
  const { tokenIssuer } = harness.platform;
  await tokenIssuer.sign("oauth", oauthClaims());
  const { state } = await harness.store.load();
  const [row] = state.signingKeys;
  expect(JSON.stringify(row?.publicJwk)).not.toMatch(/"(d|p|q|dp|dq|qi)"/);
  const sealed = Buffer.from(row?.keySealed ?? []);
  // The name of RSA, as it stands in every such key: too long to come about by chance.
  const rsa = Buffer.from("06092a864886f70d010101", "hex");
  const opened = Buffer.from(harness.sealer.open(sealingPurposes.signingKey(row?.keyId ?? ""), sealed));
  expect([opened.includes(rsa), sealed.includes(rsa)]).toEqual([true, false]);
  expect(JSON.stringify(tokenIssuer.keys(caller))).not.toContain("ealed");
  const { principal } = caller;
  const stranger = {
    ...caller,
    principal: { ...principal, installationAdministrator: false, kind: "ram-user" as const },
  };
  await expect(tokenIssuer.rotate(stranger, "oauth")).rejects.toMatchObject({ code: "ACCESS_DENIED" });
  expect(() => tokenIssuer.keys(stranger)).toThrow(expect.objectContaining({ code: "ACCESS_DENIED" }));
});

it("reads tokens that another server on the same store has just signed with a key of its own", async () => {
  const caller = await administrator();
  const first = await harness.platform.tokenIssuer.sign("oauth", oauthClaims());
  const { clock, sealer, store } = harness;
  const directory = await Directory.load({ store, sealer });
  const authorizer = new Authorizer({ directory, clock });
  const { installationId } = harness.platform;
  const dependencies = { directory, authorizer, sealer, clock, random: systemRandom };
  const other = new TokenIssuerService({ installationId }, dependencies);
  await other.rotate(caller, "oauth");
  const second = await other.sign("oauth", oauthClaims());
  expect(await harness.platform.tokenIssuer.verify("oauth", second)).toBeDefined();
  expect(await other.verify("oauth", first)).toBeDefined();
  await other.rotate(caller, "oauth");
  const third = await other.sign("oauth", oauthClaims());
  expect(await harness.platform.tokenIssuer.verify("oauth", third)).toBeUndefined();
  clock.advance(1_000);
  expect(await harness.platform.tokenIssuer.verify("oauth", third)).toBeDefined();
});
