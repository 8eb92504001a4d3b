import { bytesToHex } from "@concordat/base";
import { createCheckpointSigner } from "@concordat/identity";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ledgerError } from "../testing/fake-ledger.ts";
import { type Cast, codeOf, createCast, Harness } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
});
afterEach(() => harness.dispose());

const create = () =>
  harness.platform.chains.create(harness.callerOf(cast.administrator), { name: "guomi", cryptography: "sm" });
const smKeys = async () => (await harness.store.load()).state.smCheckpointKeys;

async function keysOf(channelId: string) {
  const { cryptography, organizations } = await harness.ledger.config(channelId);
  expect(cryptography).toBe("sm");
  return organizations.map(({ mspId, checkpointKeys }) => [mspId, ...checkpointKeys.map(({ algorithm }) => algorithm)]);
}

it("makes an SM channel with a key of SM2 for each organization that takes part, once", async () => {
  expect(await smKeys()).toEqual([]);
  const { chain } = await create();
  expect(chain.cryptography).toBe("sm");
  const { mspId } = cast.administrator;
  expect(await keysOf(chain.channelId)).toEqual([[mspId, "Ed25519", "SM2"]]);
  const [key] = await smKeys();
  await create();
  expect(await smKeys()).toEqual([key]);
  const { bizChainId } = chain;
  await harness.platform.members.create(harness.callerOf(cast.administrator), {
    bizChainId,
    uid: cast.memberPrincipal.uid,
  });
  expect(await keysOf(chain.channelId)).toEqual([
    [mspId, "Ed25519", "SM2"],
    [cast.memberAccount.mspId, "Ed25519", "SM2"],
  ]);
  expect(await smKeys()).toHaveLength(2);
});

it("keeps the key sealed, and it signs for the key that the channel names", async () => {
  const { chain } = await create();
  const [row] = await smKeys();
  if (row === undefined) throw new Error("There is no key.");
  const opened = harness.sealer.open(`organization/${row.mspId}/sm-checkpoint-key`, row.keySealed);
  expect(bytesToHex(row.keySealed)).not.toContain(bytesToHex(opened.subarray(36, 68)));
  const signer = createCheckpointSigner(row.mspId, opened);
  const { organizations } = await harness.ledger.config(chain.channelId);
  const key = organizations[0]?.checkpointKeys.find(({ algorithm }) => algorithm === "SM2");
  expect(key).toMatchObject({ publicKey: signer.publicKey, certificate: row.certificate });
});

it("uses the same key when a start finishes what another began", async () => {
  harness.ledger.failures.set("createChannel", ledgerError("OUTCOME_UNKNOWN"));
  expect(await codeOf(create())).toBe("OUTCOME_UNKNOWN");
  const before = await smKeys();
  expect(before).toHaveLength(1);
  await harness.restart();
  expect(await smKeys()).toEqual(before);
  const found = await harness.platform.chains.list(cast.administrator, { name: "guomi", page: 1, pageSize: 10 });
  expect(await keysOf(found.items[0]?.chain.channelId ?? "")).toHaveLength(1);
});

it("leaves other chains as they are", async () => {
  expect(cast.chain.chain.cryptography).toBe("international");
  await create();
  const { cryptography, organizations } = await harness.ledger.config(cast.chain.chain.channelId);
  expect(cryptography).toBe("international");
  const algorithms = organizations.flatMap(({ checkpointKeys }) => checkpointKeys.map(({ algorithm }) => algorithm));
  expect(new Set(algorithms)).toEqual(new Set(["Ed25519"]));
});
