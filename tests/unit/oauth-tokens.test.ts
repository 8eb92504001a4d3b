import { createHttpServer } from "@concordat/api-kit";
import { systemRandom } from "@concordat/base";
import { oracleStablecoinDialect } from "@concordat/dialects/oracle-stablecoin";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CLIENT_ID,
  CLIENT_SECRET,
  createSignInWorld,
  type SignInWorld,
} from "../../packages/dialects/src/testing/sign-in-world.ts";

/** A resource server as others write it: it knows the address of the key set and the issuer, and nothing else. */
describe("a resource server with an OAuth library of its own", () => {
  const server = createHttpServer();
  let world: SignInWorld;
  let url = "";

  beforeAll(async () => {
    world = await createSignInWorld();
    const { platform, clock } = world.harness;
    const logger = { info() {}, warn() {}, error() {} };
    server.register(oracleStablecoinDialect({ platform, clock, random: systemRandom, logger }));
    url = await server.listen({ host: "127.0.0.1", port: 0 });
  });
  afterAll(async () => {
    await server.close();
    await world.harness.dispose();
  });

  async function accessToken(): Promise<string> {
    const response = await fetch(`${url}/oauth2/v1/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: "reports" }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  it("verifies tokens by the published keys, before and after a key was replaced", async () => {
    const { platform, clock } = world.harness;
    const { issuer } = platform.tokenIssuer;
    const keys = createRemoteJWKSet(new URL(`${url}/admin/v1/SigningCert/jwk`), { cooldownDuration: 0 });
    const verify = (text: string) =>
      jwtVerify(text, keys, {
        issuer,
        audience: `${issuer}:stablecoin`,
        algorithms: ["RS256"],
        typ: "JWT",
        requiredClaims: ["sub", "jti", "client_id"],
        currentDate: new Date(clock.nowMs()),
      });
    const before = await accessToken();
    const first = await verify(before);
    expect(first.payload).toMatchObject({ sub: CLIENT_ID, scope: "reports" });

    const administrator = platform.provisioning.directory.principals().find((each) => each.installationAdministrator);
    if (administrator === undefined) throw new Error("There is no administrator.");
    await platform.tokenIssuer.rotate(world.harness.callerOf(administrator), "oauth");
    const second = await verify(await accessToken());
    expect(second.protectedHeader.kid).not.toBe(first.protectedHeader.kid);
    expect((await verify(before)).payload).toEqual(first.payload);

    clock.advance(3_600_000);
    await expect(verify(before)).rejects.toMatchObject({ code: "ERR_JWT_EXPIRED" });
  });
});
