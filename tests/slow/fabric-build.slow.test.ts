import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createTestNetwork } from "../support/fabric-network.ts";
import { newInstallation, startServer } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary.ts";

/* A contract that needs a package from a registry: built only where the operator has named one. */

const CHANNEL = "built";
const run = promisify(execFile);

async function contractFolder(): Promise<string> {
  const folder = join(await temporaryFolder("needy"), "needy");
  await mkdir(folder);
  const manifest = {
    name: "needy",
    version: "1.0.0",
    main: "index.js",
    scripts: { start: "fabric-chaincode-node start" },
    dependencies: { "fabric-contract-api": "2.5.8", "fabric-shim": "2.5.8", ms: "2.1.3" },
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  const code = `
    const { Contract } = require("fabric-contract-api");
    const ms = require("ms");
    class Needy extends Contract {
      async parse(_ctx, text) { return String(ms(text)); }
    }
    module.exports.contracts = [Needy];
  `;
  await writeFile(join(folder, "index.js"), code);
  return folder;
}

async function registry(): Promise<string> {
  return (await run("npm", ["config", "get", "registry"])).stdout.trim();
}

test.each(["with a registry", "without one"])("%s", async (name) => {
  const hasRegistry = name === "with a registry";
  const serverArguments = hasRegistry ? ["--contract-registry", await registry()] : [];
  const server = await startServer(await newInstallation("fabric-build"), { serverArguments });
  const network = await createTestNetwork(server);
  await network.createChannel(CHANNEL);
  const packageId = await network.install(await contractFolder(), "needy_1.0");
  await network.define(CHANNEL, "needy", packageId);
  const { status, body } = await network.api.send("POST", `/channels/${CHANNEL}/contracts/needy/queries`, {
    function: "parse",
    args: ["2 days"],
  });
  if (hasRegistry) {
    expect({ status, body }).toMatchObject({ status: 200, body: { result: "172800000" } });
  } else {
    expect(status).toBeGreaterThanOrEqual(400);
    const { body: listed } = await network.api.get(`/channels/${CHANNEL}/contracts`);
    const [contract] = (listed["contracts"] as readonly { name: string; organizations: readonly unknown[] }[]).filter(
      (each) => each.name === "needy",
    );
    expect(contract?.organizations[0]).toMatchObject({
      status: { state: "failed", reason: expect.stringMatching(/ms.*registry|registry.*ms/s) },
    });
  }
  await server.stop();
});
