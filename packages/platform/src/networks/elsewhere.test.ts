import { silentLogger, systemRandom } from "@concordat/base";
import type { Ledger } from "@concordat/ledger";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createPlatform, type OpenPlatform } from "../create-platform.ts";
import { PlatformError } from "../errors.ts";
import { codeOf, Harness } from "../testing/harness.ts";
import { memoryHost } from "../testing/host.ts";
import { createNetworkCast, type NetworkCast } from "./networks.fixture.ts";

let harness: Harness;
let cast: NetworkCast;
let elsewhere: OpenPlatform;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createNetworkCast(harness);
  await harness.platform.networks.createChannel(cast.owner, { networkId: cast.network.networkId, channelId: "trade" });
  const { store, sealer, clock } = harness;
  elsewhere = await createPlatform(
    {},
    {
      ledger: refusingLedger(),
      ledgerIsElsewhere: true,
      fabric: {
        open: () => Promise.reject(new Error("Fabric is not opened here.")),
        configured: () => Promise.reject(new Error("No channel is configured here.")),
        listenHost: "127.0.0.1",
        publicHost: "localhost",
      },
      store,
      sealer,
      host: { ...memoryHost(sealer, () => systemRandom.bytes(32)), sharesStore: true },
      clock,
      random: systemRandom,
      log: silentLogger,
    },
  );
});
afterEach(async () => {
  await elsewhere.close();
  await harness.dispose();
});

function refusingLedger(): Ledger {
  const refuse = async () =>
    Promise.reject(new PlatformError("HOME_ELSEWHERE", undefined, { facts: { url: "http://home" } }));
  // Every method of the port is asynchronous and may be refused.
  return new Proxy({}, { get: () => refuse }) as unknown as Ledger;
}

it("shows the rows, and refuses what only the ledger's home can do", async () => {
  const { networks } = elsewhere;
  const { networkId } = cast.network;
  expect(await networks.list(cast.owner)).toHaveLength(1);
  expect(await networks.get(cast.owner, networkId)).toMatchObject({ channelIds: ["trade"] });
  const call = { channelId: "trade", contract: "evidence", fn: "set", args: [] };
  const works: readonly (() => Promise<unknown>)[] = [
    () => networks.create(cast.owner, { name: "second", organizations: ["GammaMSP"] }),
    () => networks.listNodes(cast.owner, networkId),
    () => networks.stopNode(cast.owner, networkId, harness.fabric.nodes()[0]?.nodeId ?? ""),
    () => networks.createChannel(cast.owner, { networkId, channelId: "other" }),
    () => networks.listChannels(cast.owner, networkId),
    () => networks.joinChannel(cast.owner, "trade"),
    () => networks.listContracts(cast.owner, "trade"),
    () => networks.approveContract(cast.owner, { channelId: "trade", name: "a", version: "1", sequence: 1 }),
    () => networks.invokeContract(cast.owner, call),
    () => networks.queryContract(cast.owner, call),
  ];
  for (const work of works) {
    expect(await codeOf(work()), String(work)).toBe("HOME_ELSEWHERE");
  }
  expect(elsewhere.provisioning.networkEndpoints()).toEqual([]);
});

it("refuses to change a certificate's standing that it cannot bring to the channels, and changes nothing", async () => {
  const enrolment = { mspId: "BetaMSP", purpose: "identity", role: "client", commonName: "alice" } as const;
  const { certificate } = await elsewhere.certificates.enrol(cast.owner, enrolment);
  expect(await codeOf(elsewhere.certificates.freeze(cast.owner, certificate))).toBe("HOME_ELSEWHERE");
  expect(await elsewhere.certificates.get(cast.owner, certificate)).toMatchObject({ status: "good" });
  // Of organizations without such channels it changes what it always could.
  const { mspId, uid } = cast.owner.principal;
  const { items } = await elsewhere.certificates.list(cast.owner, { mspId, uid, offset: 0, limit: 1 });
  const [own] = items;
  if (own === undefined) throw new Error("The owner has no certificate.");
  expect(await elsewhere.certificates.freeze(cast.owner, own)).toMatchObject({ status: "frozen" });
});
