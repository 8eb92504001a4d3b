const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const net = require("node:net");
const { Contract } = require("fabric-contract-api");

/** Tries what no contract may do, and answers what it got. */
class HostileContract extends Contract {
  /** Reads files and folders. */
  async read(_ctx, paths) {
    return JSON.stringify(Object.fromEntries(JSON.parse(paths).map((path) => [path, attempt(() => lookAt(path))])));
  }

  /** Everything with such a name that can be reached from the root. */
  async search(_ctx, names) {
    const wanted = new Set(JSON.parse(names));
    const found = [];
    const visit = (folder, depth) => {
      for (const entry of attemptList(() => fs.readdirSync(folder, { withFileTypes: true }))) {
        const path = `${folder === "/" ? "" : folder}/${entry.name}`;
        if (wanted.has(entry.name)) found.push(path);
        if (entry.isDirectory() && depth < 12 && !/^\/(proc|sys|usr|lib|lib64|bin|sbin)$/.test(path))
          visit(path, depth + 1);
      }
    };
    visit("/", 0);
    return JSON.stringify(found);
  }

  async write(_ctx, paths) {
    const tries = JSON.parse(paths).map((path) => [path, attempt(() => fs.writeFileSync(path, "x"))]);
    return JSON.stringify(Object.fromEntries(tries));
  }

  /** Connects to addresses `host:port`. */
  async dial(_ctx, addresses) {
    const tries = JSON.parse(addresses).map(async (address) => [address, await dialOnce(address)]);
    return JSON.stringify(Object.fromEntries(await Promise.all(tries)));
  }

  /** Signals processes, by their ids outside. */
  async signal(_ctx, processIds) {
    const tries = JSON.parse(processIds).map((id) => [id, attempt(() => process.kill(Number(id), 0))]);
    return JSON.stringify(Object.fromEntries(tries));
  }

  /** Whom it sees, what it knows and who it is. */
  async surroundings() {
    const processes = attemptList(() => fs.readdirSync("/proc")).filter((name) => /^\d+$/.test(name));
    const commands = processes.map((id) =>
      attempt(() => fs.readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ")),
    );
    return JSON.stringify({ commands, environment: process.env, uid: process.getuid() });
  }

  /** Runs a program. */
  async run(_ctx, program, args) {
    return JSON.stringify(attempt(() => execFileSync(program, JSON.parse(args), { timeout: 2_000 }).toString()));
  }
}

function lookAt(path) {
  return fs.statSync(path).isDirectory()
    ? fs.readdirSync(path).join(",")
    : fs.readFileSync(path, "latin1").slice(0, 200);
}

/** What came out, or the code of the refusal. */
function attempt(action) {
  try {
    return { got: action() ?? "done" };
  } catch (error) {
    return { refused: error.code ?? String(error) };
  }
}

function attemptList(action) {
  try {
    return action();
  } catch {
    return [];
  }
}

function dialOnce(address) {
  const [, host, port] = /^(.*):(\d+)$/.exec(address);
  return new Promise((resolve) => {
    const socket = net.connect({ host, port: Number(port), timeout: 1_000 });
    const end = (outcome) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.on("connect", () => end({ got: "connected" }));
    socket.on("timeout", () => end({ refused: "timeout" }));
    socket.on("error", (error) => end({ refused: error.code }));
  });
}

module.exports.contracts = [HostileContract];
