import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;

/** A PostgreSQL server of the tests' own: in a temporary folder, on a free loopback port, with a password. */
export interface PostgresServer {
  /** Makes an empty database. @returns its address, password included */
  createDatabase(): Promise<string>;
  /** Ends it at once, as a crash would; connections are cut. */
  stop(): Promise<void>;
  /** Starts it again on the same folder and port. */
  start(): Promise<void>;
  dispose(): Promise<void>;
}

/** Which user PostgreSQL runs as: it refuses root. */
interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The newest version in the folders where Debian puts them. */
async function programFolder(): Promise<string> {
  const home = "/usr/lib/postgresql";
  const versions = (await readdir(home).catch(() => [])).filter((name) => /^\d+$/.test(name));
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined) throw new Error("PostgreSQL is not installed: apt-get install postgresql");
  return join(home, newest, "bin");
}

async function serverUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (flag: string) => Number((await run("id", [flag, "postgres"])).stdout);
  return { name: "postgres", uid: await idOf("-u"), gid: await idOf("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port.");
  return address.port;
}

export async function startPostgres(): Promise<PostgresServer> {
  const programs = await programFolder();
  const user = await serverUser();
  const folder = await mkdtemp(join(tmpdir(), "concordat-postgres-"));
  const data = join(folder, "data");
  const password = randomBytes(12).toString("hex");
  const passwordFile = join(folder, "password");
  await mkdir(data);
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) {
    for (const path of [folder, data, passwordFile]) await chown(path, user.uid, user.gid);
  }
  await chmod(data, 0o700);
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  await run(
    join(programs, "initdb"),
    ["-D", data, "-U", "tester", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8", "--locale=C.UTF-8"],
    { ...identity, cwd: folder },
  );
  const port = await freePort();
  let child: ChildProcess | undefined;
  const addressOf = (database: string) => `postgres://tester:${password}@127.0.0.1:${port}/${database}`;
  const end = async (signal: NodeJS.Signals) => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, "exit");
    running.kill(signal);
    await ended;
  };
  const killAtExit = () => child?.kill("SIGQUIT");
  process.once("exit", killAtExit);
  const start = async () => {
    const settings = [`port=${port}`, "listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`];
    child = spawn(join(programs, "postgres"), ["-D", data, ...settings.flatMap((each) => ["-c", each])], {
      ...identity,
      cwd: folder,
      stdio: "ignore",
    });
    await untilReady(programs, port);
  };
  await start();
  let databases = 0;
  return {
    start,
    stop: () => end("SIGQUIT"),
    async createDatabase() {
      databases += 1;
      const name = `test${databases}`;
      await run(join(programs, "psql"), [addressOf("postgres"), "-c", `CREATE DATABASE ${name}`]);
      return addressOf(name);
    },
    async dispose() {
      await end("SIGQUIT");
      process.off("exit", killAtExit);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function untilReady(programs: string, port: number): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const isReady = await run(join(programs, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port)]).then(
      () => true,
      () => false,
    );
    if (isReady) return;
    if (performance.now() > deadline) throw new Error("PostgreSQL did not become ready.");
    await pause(50);
  }
}
