import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** The real process, started as its users start it. */
const BIN = fileURLToPath(new URL("../bin/concordat.js", import.meta.url));

let folder: string;
let children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "concordat-process-"));
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }
  children = [];
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  /** Settles when the process says that it is ready, or has ended. */
  readonly ready: Promise<void>;
  readonly ended: Promise<number | string>;
  text(): string;
}

function concordat(...words: readonly string[]): Run {
  const child = spawn(process.execPath, [BIN, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let text = "";
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string);
  const ready = new Promise<void>((resolve) => {
    const hear = (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(" is ready at ")) resolve();
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.on("close", () => resolve());
  });
  return { child, ready, ended, text: () => text };
}

const up = (...words: readonly string[]) =>
  concordat("up", "--data", join(folder, "data"), "--port", "0", "--master-key-file", join(folder, "key"), ...words);

const bootstrap = () => JSON.parse(readFileSync(join(folder, "data", "bootstrap.json"), "utf8"));

describe("the server's process", () => {
  it("serves until SIGTERM, ends with 0, and starts again on the same folder", async () => {
    const first = up();
    await first.ready;
    const before = bootstrap();
    expect(first.text()).toContain(`ready at ${before.url}`);
    expect(first.text()).not.toContain(before.aliyun.accessKeySecret);
    first.child.kill("SIGTERM");
    expect(await first.ended).toBe(0);
    const second = up();
    await second.ready;
    expect(bootstrap().aliyun.proofChain).toEqual(before.aliyun.proofChain);
    expect((await fetch(`${bootstrap().url}/healthz`)).status).toBe(200);
  });

  it("refuses a second server on its folder in one sentence; after SIGKILL a new start works", async () => {
    const first = up();
    await first.ready;
    const second = up();
    expect(await second.ended).toBe(1);
    expect(second.text()).toBe(
      `concordat: The server with process id ${first.child.pid} is using the data folder ${join(folder, "data")}.\n` +
        "  Stop it first, or start this one on another folder with --data.\n",
    );
    first.child.kill("SIGKILL");
    expect(await first.ended).toBe("SIGKILL");
    const third = up();
    await third.ready;
    expect((await fetch(`${bootstrap().url}/healthz`)).status).toBe(200);
  });

  it("completes a first run that was killed, whenever that was", async () => {
    for (let attempt = 0; attempt < 12; attempt++) {
      const run = up();
      // Each attempt gets a little further than the one before.
      const alarm = setTimeout(() => run.child.kill("SIGKILL"), 60 * (attempt + 1));
      await run.ended.catch(() => undefined);
      clearTimeout(alarm);
    }
    const last = up();
    await last.ready;
    const { url, aliyun } = bootstrap();
    const authorization = `Basic ${btoa(`${aliyun.accessKeyId}:${aliyun.accessKeySecret}`)}`;
    const chains: unknown = await (await fetch(`${url}/api/v1/chains`, { headers: { authorization } })).json();
    const made = [aliyun.proofChain, aliyun.collaborationChain].map(({ bizChainId }) =>
      expect.objectContaining({ bizChainId }),
    );
    expect(chains).toMatchObject({ total: 2, chains: expect.arrayContaining(made) });
    last.child.kill("SIGTERM");
    expect(await last.ended).toBe(0);
    const verified = concordat("verify", "--data", join(folder, "data"));
    expect([await verified.ended, verified.text()]).toEqual([0, expect.stringContaining("The ledger verifies.")]);
  });

  it("names a taken port and leaves nothing behind that keeps it alive", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const run = up("--port", port);
    expect(await run.ended).toBe(1);
    expect(run.text()).toBe(
      `concordat: Port ${port} on 127.0.0.1 is taken by another program.\n` +
        "  Choose another with --port; --port 0 takes any free one.\n",
    );
    other.close();
  });

  it("lets bootstrap --forget take the secrets away while it runs", async () => {
    const server = up();
    await server.ready;
    expect(server.text()).toContain("Warning");
    const forget = concordat("bootstrap", "--forget", "--data", join(folder, "data"));
    expect(await forget.ended).toBe(0);
    expect(bootstrap().aliyun.accessKeySecret).toBeUndefined();
    server.child.kill("SIGINT");
    expect(await server.ended).toBe(0);
    const again = up();
    await again.ready;
    expect(again.text()).not.toContain("Warning");
    expect(bootstrap().aliyun.accessKeySecret).toBeUndefined();
  });

  it("turns TLS on for other addresses, and its commands trust its own authority", async () => {
    const server = up("--host", "0.0.0.0");
    await server.ready;
    expect(bootstrap().url).toMatch(/^https:\/\/localhost:\d+$/);
    const list = concordat("chain", "list", "--data", join(folder, "data"));
    expect([await list.ended, JSON.parse(list.text())]).toEqual([0, expect.objectContaining({ total: 2 })]);
  });

  it("does what its commands say", async () => {
    const server = up();
    await server.ready;
    const data = ["--data", join(folder, "data")];
    const create = concordat("chain", "create", "Cold-chain", "--remark", "milk and fish", ...data);
    expect([await create.ended, JSON.parse(create.text())]).toEqual([
      0,
      expect.objectContaining({ name: "Cold-chain", remark: "milk and fish", role: "administrator" }),
    ]);
    const refused = concordat("chain", "create", " padded ", ...data);
    expect([await refused.ended, refused.text()]).toEqual([1, expect.stringContaining("(CHAIN_NAME_INVALID)")]);
    const page = join(folder, "verify.html");
    expect(await concordat("verify-page", "--out", page).ended).toBe(0);
    expect(readFileSync(page, "utf8")).toBe(await (await fetch(`${bootstrap().url}/verify.html`)).text());
  });

  it("refuses to start without its master key, and with another one", async () => {
    const first = up();
    await first.ready;
    first.child.kill("SIGTERM");
    await first.ended;
    rmSync(join(folder, "key"));
    const missing = up();
    expect([await missing.ended, missing.text()]).toEqual([1, expect.stringContaining("its master key is not at")]);
    writeFileSync(join(folder, "key"), `${Buffer.alloc(32, 7).toString("base64")}\n`, { mode: 0o600 });
    const other = up();
    expect([await other.ended, other.text()]).toEqual([1, expect.stringContaining("sealed with another master key")]);
  });

  it("measures itself in JSON lines that say where", async () => {
    const bench = concordat("bench", "disk", "http", "--seconds", "1", "--root", folder);
    expect(await bench.ended).toBe(0);
    const lines = bench
      .text()
      .split("\n")
      .filter((line) => line.includes('"case"'));
    const results: Record<string, unknown>[] = lines.map((line) => JSON.parse(line));
    const variants = results.map(({ variant }) => variant);
    expect(variants).toEqual(expect.arrayContaining(["fdatasync", "append", "SetData", "GetData", "SetData batch"]));
    for (const { commit, cpu, disk, node } of results) {
      expect([typeof commit, typeof cpu, typeof disk, node]).toEqual(["string", "string", "string", process.version]);
    }
  });
});
