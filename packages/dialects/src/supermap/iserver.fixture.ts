import { createHttpServer } from "@concordat/api-kit";
import { systemRandom } from "@concordat/base";
import { expect } from "vitest";
import { createCallOrigins } from "../http/call-origin.ts";
import { keepErrors, type SignInFixture, useSignInWorld } from "../testing/sign-in-fixture.ts";
import { PASSWORD, USER_NAME } from "../testing/sign-in-world.ts";
import { iserverAuthentication } from "./auth.ts";
import { iserverFailureOf } from "./errors.ts";
import { supermapDialect } from "./plugin.ts";

export type Headers = Readonly<Record<string, string>>;
type Method = "GET" | "POST" | "PUT" | "HEAD";
const BASE = "/iserver/services/security";

export const who = { username: USER_NAME, password: PASSWORD };
export const wanted = { userName: USER_NAME, password: PASSWORD, clientType: "NONE", expiration: 60 };
export const failed = (code: number) => ({ succeed: false, error: { code, errorMsg: expect.any(String) } });

/** The security resources, and a resource at /manager that says who calls it. */
export function useIserver() {
  const { logger, logged } = keepErrors();
  const fixture = useSignInWorld((world) => {
    const { platform } = world.harness;
    const made = createHttpServer();
    made.register(supermapDialect({ platform, random: systemRandom, logger }));
    const authenticate = iserverAuthentication({ platform, originOf: createCallOrigins(systemRandom) });
    made.register(async (scope) => {
      scope.setErrorHandler((error, _request, reply) => {
        const { status, body, headers } = iserverFailureOf(error);
        reply.code(status).headers({ ...headers });
        return reply.send(body);
      });
      scope.route({
        method: ["GET", "POST"],
        url: "/manager",
        handler: async (request) => {
          // No operation of this scheme looks at its row.
          const caller = await authenticate(request, undefined as never);
          return { uid: caller.principal.uid, scope: caller.scope.kind, kind: caller.credential.kind };
        },
      });
    });
    return made;
  });
  return { fixture, logged, ...callsOf(fixture) };
}

function callsOf(fixture: SignInFixture) {
  const send = (method: Method, path: string, payload?: object | string, headers: Headers = {}) =>
    fixture.server.inject({
      method,
      remoteAddress: fixture.remoteAddress,
      url: `${BASE}/${path}`,
      headers: { "content-type": "application/json", ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
  return {
    send,
    manager: (headers: Headers, more: { method?: "GET" | "POST"; query?: string; remoteAddress?: string } = {}) =>
      fixture.server.inject({
        method: more.method ?? "GET",
        url: `/manager${more.query ?? ""}`,
        headers,
        remoteAddress: more.remoteAddress ?? fixture.remoteAddress,
      }),
    /** Answers the Cookie header of a new session. */
    async signIn(payload: object = who, headers: Headers = {}): Promise<string> {
      const response = await send("POST", "login.rjson", payload, headers);
      expect(response.statusCode, response.body).toBe(200);
      return response.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    },
    async token(more: object = {}): Promise<string> {
      const response = await send("POST", "tokens.rjson", { ...wanted, ...more });
      expect(response.statusCode, response.body).toBe(200);
      return response.body;
    },
  };
}
