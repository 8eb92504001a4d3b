import type { FastifyInstance } from "@concordat/api-kit";
import type { Logger } from "@concordat/base";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { createSignInWorld, type SignInWorld } from "./sign-in-world.ts";

/** A world with a server over it, which the tests of a file share. */
export interface SignInFixture {
  readonly world: SignInWorld;
  readonly server: FastifyInstance;
  /** Another one for each test, so that none is slowed by what another tried. */
  readonly remoteAddress: string;
  /** Writes rows behind the platform's back and starts it anew; the next test gets a fresh world. */
  changeRows(...changes: Parameters<SignInWorld["change"]>): Promise<void>;
  /** Disables the user, as above. */
  disableUser(): Promise<void>;
}

/** Registers the hooks that keep the fixture; its members are there once the first test runs. */
export function useSignInWorld(createServer: (world: SignInWorld) => FastifyInstance): SignInFixture {
  let world: SignInWorld;
  let server: FastifyInstance;
  let tests = 0;
  let rowsChanged = false;

  async function begin(): Promise<void> {
    world = await createSignInWorld();
    server = createServer(world);
  }
  async function end(): Promise<void> {
    await server.close();
    await world.harness.dispose();
  }
  async function changeRows(...changes: Parameters<SignInWorld["change"]>): Promise<void> {
    rowsChanged = true;
    await server.close();
    await world.change(...changes);
    server = createServer(world);
  }
  beforeAll(begin);
  afterAll(end);
  beforeEach(() => {
    tests += 1;
  });
  afterEach(async () => {
    if (!rowsChanged) return;
    rowsChanged = false;
    await end();
    await begin();
  });

  return {
    get world() {
      return world;
    },
    get server() {
      return server;
    },
    get remoteAddress() {
      return `10.200.${Math.floor(tests / 200)}.${tests % 200}`;
    },
    changeRows,
    async disableUser() {
      const { state } = await world.harness.store.load();
      const principal = state.principals.find(({ uid }) => uid === world.uid);
      if (principal === undefined) throw new Error("The user is not there.");
      await changeRows({ table: "principals", row: { ...principal, enabled: false } });
    },
  };
}

/** A logger that keeps what is logged as an error. */
export function keepErrors(): { readonly logger: Logger; readonly logged: string[] } {
  const logged: string[] = [];
  const error: Logger["error"] = (message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`);
  return { logger: { info() {}, warn() {}, error }, logged };
}
