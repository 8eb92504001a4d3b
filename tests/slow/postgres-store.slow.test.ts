import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type LogFields, silentLogger, systemRandom } from "@concordat/base";
import { type ControlStore, ensureInstallationId, openPostgresControlStore } from "@concordat/platform";
import {
  auditStoreSuite,
  callNoncesSuite,
  controlStoreSuite,
  idempotencySuite,
  jobStoreSuite,
  leasesSuite,
  runOnPostgres,
  tokenStoreSuite,
  upgradeSuite,
} from "@concordat/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";

let server: PostgresServer;
const opened: ControlStore[] = [];
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await server.dispose();
});

const open = (url: string) => openPostgresControlStore({ url, connectionsMax: 4 }, { log: silentLogger });

async function postgresFixture() {
  const url = await server.createDatabase();
  return { open: () => open(url), dispose: async () => undefined };
}

controlStoreSuite("PostgreSQL", postgresFixture);
upgradeSuite("PostgreSQL", async () => {
  const url = await server.createDatabase();
  return {
    kind: "postgres",
    run: (statements) => runOnPostgres(url, statements),
    open: () => open(url),
    dispose: async () => undefined,
  };
});
leasesSuite("PostgreSQL", postgresFixture);
callNoncesSuite("PostgreSQL", postgresFixture);
idempotencySuite("PostgreSQL", postgresFixture);
tokenStoreSuite("PostgreSQL", postgresFixture);
jobStoreSuite("PostgreSQL", openFresh);
auditStoreSuite("PostgreSQL", openFresh);

async function openFresh(): Promise<ControlStore> {
  const store = await open(await server.createDatabase());
  opened.push(store);
  return store;
}

/** A line to PostgreSQL that can be held: what comes in then goes nowhere, and nobody is told. */
async function openLine(targetPort: number) {
  const sockets = new Set<Socket>();
  const own = createServer((near) => {
    const far = connect(targetPort, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => [near.destroy(), far.destroy(), sockets.delete(socket)]);
    }
    near.pipe(far).pipe(near);
    if (isHeld) near.pause();
  }).listen(0, "127.0.0.1");
  let isHeld = false;
  await once(own, "listening");
  const address = own.address();
  const each = (work: (socket: Socket) => void) => {
    for (const socket of sockets) work(socket);
  };
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    hold() {
      isHeld = true;
      each((socket) => socket.pause());
    },
    letThrough() {
      isHeld = false;
      each((socket) => socket.resume());
    },
    async close() {
      each((socket) => socket.destroy());
      own.close();
      await once(own, "close");
    },
  };
}

describe("several servers on one database", () => {
  it("migrate it once, and choose one installation id, when they start together", async () => {
    const url = await server.createDatabase();
    const stores = await Promise.all(Array.from({ length: 5 }, () => open(url)));
    const ids = await Promise.all(stores.map((store) => ensureInstallationId(store, systemRandom)));
    expect(new Set(ids).size).toBe(1);
    expect((await stores[0]?.load())?.state.settings).toHaveLength(1);
    await Promise.all(stores.map((store) => store.close()));
  });

  it("see each other's commits, and none writes over what it has not seen", async () => {
    const url = await server.createDatabase();
    const [first, second] = await Promise.all([open(url), open(url)]);
    const change = (name: string, value: string) => ({ table: "settings", row: { name, value } }) as const;
    expect(await first.commit({ changes: [change("a", "1")], basedOn: 0 })).toBe(1);
    const stale = second.commit({ changes: [change("a", "2")], basedOn: 0 });
    await expect(stale).rejects.toMatchObject({ code: "CONTROL_STALE" });
    const { version, changes } = await second.changesSince(0);
    expect(changes).toEqual([{ table: "settings", key: '["a"]', row: { name: "a", value: "1" } }]);
    expect(await second.commit({ changes: [change("a", "2")], basedOn: version })).toBe(2);
    expect((await first.changesSince(1)).changes).toMatchObject([{ row: { value: "2" } }]);
    await Promise.all([first.close(), second.close()]);
  });

  it("never lose a commit, however they race", async () => {
    const url = await server.createDatabase();
    const stores = await Promise.all([open(url), open(url), open(url)]);
    const names = stores.flatMap((_, index) => Array.from({ length: 20 }, (__, count) => `${index}-${count}`));
    const commit = async (store: ControlStore, name: string) => {
      for (let basedOn = 0; ; ) {
        const change = { table: "settings", row: { name, value: "" } } as const;
        const stale = await store.commit({ changes: [change], basedOn }).then(
          () => false,
          (error: { code?: string }) => error.code === "CONTROL_STALE",
        );
        if (!stale) return;
        basedOn = (await store.changesSince(basedOn)).version;
      }
    };
    await Promise.all(
      stores.map(async (store, index) => {
        for (const name of names.filter((each) => each.startsWith(`${index}-`))) await commit(store, name);
      }),
    );
    for (const store of stores) {
      const { version, state } = await store.load();
      expect(version).toBe(names.length);
      expect(state.settings.map(({ name }) => name)).toEqual(names.toSorted());
      await store.close();
    }
  });
});

describe("a database that goes away", () => {
  it("is unavailable when it hangs, and what was asked of it then disturbs nobody later", async () => {
    const address = new URL(await server.createDatabase());
    const line = await openLine(Number(address.port));
    address.port = String(line.port);
    const limits = { connectionsMax: 2, connectTimeoutMs: 500, statementTimeoutMs: 500 };
    const store = await openPostgresControlStore({ url: address.href, ...limits }, { log: silentLogger });
    await store.commit({ changes: [{ table: "settings", row: { name: "a", value: "" } }], basedOn: 0 });
    line.hold();
    await Promise.all(
      [store.load(), store.changesSince(0), store.load()].map((answer) =>
        expect(answer).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" }),
      ),
    );
    line.letThrough();
    for (let turn = 0; turn < 4; turn++) expect(await store.load()).toMatchObject({ version: 1 });
    await store.close();
    await line.close();
  });

  it("is unavailable for every use of the store, and usable again without reopening it", async () => {
    const store = await open(await server.createDatabase());
    const uses: (() => Promise<unknown>)[] = [
      () => store.load(),
      () => store.changesSince(0),
      () => store.commit({ changes: [{ table: "settings", row: { name: "a", value: "" } }], basedOn: 1 }),
      () => store.database.selectFrom("leases").selectAll().execute(),
      () => store.database.transaction().execute((transaction) => transaction.deleteFrom("jobs").execute()),
    ];
    await store.commit({ changes: [{ table: "settings", row: { name: "a", value: "" } }], basedOn: 0 });
    const inTransaction = store.database.transaction().execute(async (transaction) => {
      await transaction.selectFrom("jobs").selectAll().execute();
      await server.stop();
      await transaction.selectFrom("jobs").selectAll().execute();
    });
    await expect(inTransaction).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    for (const use of uses) await expect(use()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await server.start();
    expect(await store.load()).toMatchObject({ version: 1, state: { settings: [{ name: "a" }] } });
    for (const use of uses) await use();
    await store.close();
  });

  it("is refused with what the operator can do when it is wrong, and never with its password", async () => {
    const url = new URL(await server.createDatabase());
    const { password } = url;
    const wrong = new URL(url);
    wrong.password = "wrong-password";
    const missing = new URL(url);
    missing.pathname = "/no-such-database";
    const logged: (string | LogFields)[] = [];
    const log = { ...silentLogger, warn: (text: string, fields?: LogFields) => logged.push(text, fields ?? {}) };
    for (const address of [wrong, missing]) {
      const error: unknown = await openPostgresControlStore({ url: address.href }, { log }).catch((cause) => cause);
      expect(error).toMatchObject({ code: "CONTROL_STORE_UNUSABLE", remedy: expect.any(String) });
      for (const secret of [password, "wrong-password"]) expect(String(error)).not.toContain(secret);
    }
    const nobody = new URL(url);
    nobody.port = "1";
    await expect(openPostgresControlStore({ url: nobody.href }, { log })).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    expect(JSON.stringify(logged)).not.toContain(password);
  });
});
