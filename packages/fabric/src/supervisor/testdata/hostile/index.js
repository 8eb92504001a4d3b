"use strict";
// Tries everything that a contract must not be able to do, and answers what it got.
const childProcess = require("node:child_process");
const dns = require("node:dns/promises");
const fs = require("node:fs");
const net = require("node:net");
const os = require("node:os");
const shim = require("fabric-shim");

const MEBIBYTE = 1024 * 1024;

function attempt(work) {
  try {
    return { got: work() };
  } catch (error) {
    return { refused: error.code ?? error.message };
  }
}

const reading = (paths) =>
  Object.fromEntries(paths.map((path) => [path, attempt(() => fs.statSync(path).isDirectory() ? fs.readdirSync(path) : fs.readFileSync(path, "latin1").slice(0, 100))]));

function connecting(target) {
  return new Promise((resolve) => {
    const socket = net.connect(target);
    socket.once("connect", () => {
      socket.destroy();
      resolve({ got: "connected" });
    });
    socket.once("error", (error) => resolve({ refused: error.code }));
    socket.setTimeout(3000, () => {
      socket.destroy();
      resolve({ refused: "timeout" });
    });
  });
}

function processes(names) {
  const found = [];
  for (const name of names.filter((entry) => /^\d+$/.test(entry))) {
    const read = (file) => attempt(() => fs.readFileSync(`/proc/${name}/${file}`, "latin1"));
    found.push({ pid: Number(name), environ: read("environ"), command: read("cmdline"), memory: attempt(() => fs.openSync(`/proc/${name}/mem`, "r+")) });
  }
  return found;
}

function fill(folder, bytesMax) {
  let written = 0;
  const block = Buffer.alloc(MEBIBYTE, 1);
  const refused = [];
  for (let file = 0; file < 40 && written < bytesMax; file++) {
    const result = attempt(() => {
      const descriptor = fs.openSync(`${folder}/fill-${file}`, "w");
      for (let at = 0; at < 16; at++) written += fs.writeSync(descriptor, block);
      fs.closeSync(descriptor);
    });
    if (result.refused !== undefined) refused.push(result.refused);
  }
  for (let file = 0; file < 40; file++) attempt(() => fs.rmSync(`${folder}/fill-${file}`));
  return { writtenMebibytes: Math.floor(written / MEBIBYTE), refused: [...new Set(refused)] };
}

function eatMemory() {
  const script = `
    const kept = [];
    for (let at = 1; at <= 64; at++) { kept.push(Buffer.alloc(64 * ${MEBIBYTE}, 1)); require("node:fs").writeSync(1, at * 64 + "\\n"); }
  `;
  const { status, signal, stdout } = childProcess.spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
  return { status, signal, mebibytes: Number(stdout.trim().split("\n").at(-1)) };
}

async function forkMany() {
  const children = [];
  const refused = new Set();
  for (let at = 0; at < 400; at++) {
    try {
      const child = childProcess.spawn("/bin/sleep", ["60"], { stdio: "ignore" });
      child.on("error", (error) => refused.add(error.code));
      if (child.pid !== undefined) children.push(child);
    } catch (error) {
      refused.add(error.code);
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (const child of children) child.kill("SIGKILL");
  return { started: children.length, refused: [...refused] };
}

const shell = (command) => {
  const { status, stderr } = childProcess.spawnSync("/bin/sh", ["-c", command], { encoding: "utf8" });
  return status === 0 ? { got: "done" } : { refused: String(stderr).slice(0, 200) };
};

// What would harm a machine that does not stop it.
async function damage(targets) {
  const writing = (path) => attempt(() => fs.writeFileSync(path, "x"));
  return {
    outside: await connecting(targets.outside),
    names: await dns.lookup("localhost.example").then(() => "resolved", (error) => error.code),
    become: shell("setpriv --reuid 0 true"),
    mount: shell("mount -t tmpfs none /tmp"),
    namespaces: shell("unshare --user --map-root-user --mount true"),
    written: Object.fromEntries(
      ["/x", "/usr/bin/x", "/contract/x", "/dev/x", "/etc/x", "/proc/sys/kernel/core_pattern", "/proc/sys/user/max_user_namespaces", "/proc/sysrq-trigger", __filename, "/runtime/launcher/launcher.ts", ...targets.paths]
        .map((path) => [path, writing(path)]),
    ),
    filled: { temporary: fill("/tmp", 300 * MEBIBYTE), shared: fill("/dev/shm", 300 * MEBIBYTE) },
    memory: eatMemory(),
    forks: await forkMany(),
  };
}

async function attack(targets) {
  return {
    user: { id: process.getuid(), status: fs.readFileSync("/proc/self/status", "latin1") },
    files: reading([...targets.paths, "/home", "/root", "/var", "/srv", "/sys", "/mnt", "/usr/local", "/etc/passwd", "/etc/shadow"]),
    root: fs.readdirSync("/"),
    devices: fs.readdirSync("/dev"),
    contractFolder: attempt(() => fs.readdirSync("/contract")).got ?? [],
    environment: { ...process.env },
    processes: processes(targets.isGentle ? targets.processIds.map(String) : fs.readdirSync("/proc")),
    interfaces: Object.keys(os.networkInterfaces()),
    network: await Promise.all(targets.addresses.map(connecting)),
    signals: targets.processIds.map((processId) => attempt(() => process.kill(processId, 0))),
    trace: shell("kill -0 1"),
    ...(targets.isGentle ? {} : await damage(targets)),
  };
}

class Hostile {
  async Init() {
    return shim.success();
  }

  async Invoke(stub) {
    const [, targets] = stub.getArgs();
    return shim.success(Buffer.from(JSON.stringify(await attack(JSON.parse(targets)))));
  }
}

shim.start(new Hostile());
