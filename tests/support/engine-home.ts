import { type Ledger, openLedger, originOf } from "@concordat/ledger";
import { type ContractHome, type HomeOptions, nonceRow, type Outcome, type World } from "./contract-homes.ts";
import type { Caller } from "./fabric-messages.ts";
import { committedWrites } from "./home-writes.ts";
import { temporaryFolder } from "./temporary.ts";

export const installationId = "00112233445566ff";

/** The embedded engine. */
export async function openEngineHome({ world, contract, clock }: HomeOptions): Promise<ContractHome> {
  const directory = await temporaryFolder("engine-home");
  const ledger = await openLedger({ directory, installationId, contracts: [contract] }, { clock });
  await createHomeChannel(ledger, world, [contract.name]);
  const nextNonce = nonceRow();
  const call = (fn: string, args: readonly string[], { mspId, certificatePem }: Caller) => {
    return { channelId: world.channelId, creator: { mspId, certificatePem }, contract: contract.name, fn, args };
  };
  return {
    submit: (fn, args, caller = world.principal) =>
      outcomeOf(async () => {
        const request = { ...call(fn, args, caller), nonce: nextNonce() };
        const { result, txId, timestampMs } = await ledger.submit(request);
        const { channelId } = world;
        const writes = await committedWrites(ledger, { channelId, txId, contract: contract.name });
        return { answer: Buffer.from(result).toString(), txId, timeMs: timestampMs, writes };
      }),
    evaluate: (fn, args) =>
      outcomeOf(async () => {
        return { answer: Buffer.from(await ledger.evaluate(call(fn, args, world.principal))).toString() };
      }),
    close: () => ledger.close(),
  };
}

export async function createHomeChannel(ledger: Ledger, world: World, contracts: readonly string[]): Promise<void> {
  await ledger.createChannel(
    {
      channelId: world.channelId,
      origin: originOf(installationId, world.channelId),
      displayName: "Cold chain",
      organizations: world.organizations.map(({ config }) => config),
      blockCutting: { messageCountMax: 500, bytesMax: 2_000_000, timeoutMs: 2_000, cutWhenIdle: true },
      stateDatabase: "goleveldb",
      cryptography: "international",
      recordRefusals: false,
      contracts,
    },
    world.organizations.map(({ signer }) => signer),
  );
}

interface Fault {
  readonly code?: unknown;
  readonly message: string;
  readonly facts?: { readonly refusal?: unknown };
}

async function outcomeOf(run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    const { code, message, facts } = error as Fault;
    if (code === "CONTRACT_REFUSED") return { refusal: String(facts?.refusal), message };
    if (code === "FUNCTION_UNKNOWN") return { refusal: code, message };
    if (code === "CONTRACT_FAILED") return { failed: true };
    throw error;
  }
}
