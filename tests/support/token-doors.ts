import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Authenticator, createHttpServer } from "@concordat/api-kit";
import { nodeFileSystem, silentLogger, systemClock, systemRandom } from "@concordat/base";
import { bifAuthenticator } from "@concordat/dialects/bif";
import { oauthAuthenticator } from "@concordat/dialects/oracle-stablecoin";
import { iserverSessionAuthenticator, iserverTokenAuthenticator } from "@concordat/dialects/supermap";
import { createSealer } from "@concordat/identity";
import type { Caller, TokenKind } from "@concordat/platform";
import { memoryHost } from "@concordat/platform/testing";
import { dataFolderAt } from "../../packages/server/src/data-folder/layout.ts";
import { openInstallation } from "../../packages/server/src/installation.ts";
import type { Installation } from "./server.ts";

/** The authenticators of APIs that have no operation yet which would ask them, over the data of a server that was ended. */
export interface TokenDoors {
  /** @returns the uid of whoever the token stands for; undefined when it is refused */
  knock(kind: TokenKind, text: string): Promise<string | undefined>;
  close(): Promise<void>;
}

type Show = (text: string) => { readonly headers?: Readonly<Record<string, string>>; readonly payload?: object };

const shows: Partial<Record<TokenKind, Show>> = {
  bif: (accessToken) => ({ payload: { accessToken } }),
  oauth: (text) => ({ headers: { authorization: `Bearer ${text}` } }),
  "iserver-session": (text) => ({ headers: { cookie: `JSESSIONID=${text}` } }),
  "iserver-token": (token) => ({ headers: { token } }),
};

/** @param host the one that the sessions were begun at */
export async function openTokenDoors({ dataFolder, configFolder }: Installation, host: string): Promise<TokenDoors> {
  const [key = ""] = (await readFile(join(configFolder, "concordat/master.key"), "utf8")).split("\n");
  const dependencies = {
    ...{ clock: systemClock, random: systemRandom, fileSystem: nodeFileSystem, log: silentLogger },
    ...{ environment: {}, processId: process.pid },
  };
  const sealer = createSealer(Buffer.from(key, "base64"), dependencies);
  const opened = await openInstallation(
    { folder: dataFolderAt(dataFolder), url: `http://${host}` },
    { ...dependencies, sealer, host: memoryHost(sealer, () => systemRandom.bytes(32)) },
  );
  const { platform } = opened;
  const parts = { platform, originOf: () => ({ sourceAddress: "127.0.0.1", requestId: "door" }) };
  const doors = new Map<string, Authenticator<Caller>>([
    ["bif", bifAuthenticator(parts)],
    ["oauth", oauthAuthenticator(parts)],
    ["iserver-session", iserverSessionAuthenticator(parts)],
    ["iserver-token", iserverTokenAuthenticator(parts)],
  ]);
  const server = createHttpServer();
  server.post("/door/:kind", async (request) => {
    const { kind } = Object(request.params) as { readonly kind: string };
    // No operation of these schemes looks at its row.
    const caller = await doors.get(kind)?.authenticate(request, undefined as never);
    return { uid: caller?.principal.uid };
  });
  await server.ready();
  return {
    async knock(kind, text) {
      const shown = shows[kind]?.(text);
      if (shown === undefined) throw new Error(`There is no door for the kind ${kind}.`);
      const { headers = {}, payload = {} } = shown;
      const url = `/door/${kind}`;
      const response = await server.inject({ method: "POST", url, payload, headers: { ...headers, host } });
      const body: unknown = response.statusCode === 200 ? response.json() : {};
      const { uid } = Object(body);
      return typeof uid === "string" ? uid : undefined;
    },
    async close() {
      await server.close();
      await opened.close();
    },
  };
}
