import { silentLogger, systemClock, systemRandom } from "@concordat/base";
import { createOrganization, issuePrincipalCertificate, type Organization } from "@concordat/identity";
import {
  type ChannelConfig,
  type Creator,
  type Ledger,
  openLedger,
  originOf,
  type SubmitResult,
  startLedgerWorker,
} from "@concordat/ledger";
import { contracts } from "../built-in-contracts.ts";
import { BENCH_CHAIN_CODE, evidenceKey, evidenceValue } from "./evidence-data.ts";

export const BENCH_INSTALLATION_ID = "00000000000000be";
export const BENCH_CHANNEL = "bench";
/** The principal of every {@link BenchIdentity}. */
export const BENCH_PRINCIPAL = "1000000000000001";
const FILL_CONCURRENCY = 4_096;

/** A ledger with one channel as business chains have it, and a principal that writes. */
export interface BenchLedger {
  readonly ledger: Ledger;
  /** Stores a new value under the key with that number. */
  set(number: number, valueBytes: number): Promise<SubmitResult>;
  get(number: number): Promise<unknown>;
}

export interface BenchIdentity {
  readonly organization: Organization;
  readonly creator: Creator;
}

export async function createBenchIdentity(): Promise<BenchIdentity> {
  const dependencies = { clock: systemClock, random: systemRandom };
  const organization = await createOrganization({ name: "Bench", mspId: "BenchMSP" }, dependencies);
  const ca = { certificatePem: organization.identity.caCertificatePem, privateKeyDer: organization.privateKeys.ca };
  const attributes = { tenant: BENCH_PRINCIPAL, principal: BENCH_PRINCIPAL };
  const principal = { uid: BENCH_PRINCIPAL, attributes };
  const { certificatePem } = await issuePrincipalCertificate(ca, principal, dependencies);
  return { organization, creator: { mspId: "BenchMSP", certificatePem } };
}

/** Opens the ledger in this thread, or in a worker as the server does; makes the channel when it is not there. */
export async function openBenchLedger(
  directory: string,
  place: "thread" | "worker",
  { organization, creator }: BenchIdentity,
  contractNames: readonly string[] = ["evidence"],
): Promise<BenchLedger> {
  const options = { directory, installationId: BENCH_INSTALLATION_ID };
  const ledger =
    place === "thread"
      ? await openLedger({ ...options, contracts })
      : await startLedgerWorker(
          { ...options, contractsModule: import.meta.resolve("../built-in-contracts.ts") },
          { log: silentLogger },
        );
  const signers = [{ mspId: "BenchMSP", privateKeyDer: organization.privateKeys.checkpoint }];
  const found = (await ledger.channels()).length > 0;
  if (found) await ledger.unlockChannel(BENCH_CHANNEL, signers);
  else await ledger.createChannel(channelConfig(organization, contractNames), signers);
  const call = (fn: string, ...args: string[]) => ({
    channelId: BENCH_CHANNEL,
    creator,
    contract: "evidence",
    fn,
    args,
  });
  const key = (number: number) => evidenceKey(BENCH_CHAIN_CODE, "BENC", number);
  return {
    ledger,
    set: (number, valueBytes) => ledger.submit(call("set", key(number), evidenceValue(number, valueBytes))),
    get: (number) => ledger.evaluate(call("get", key(number))),
  };
}

/** Writes the keys after `written` up to `keys`, many at a time; answers the number of the last. */
export async function fillTo(bench: BenchLedger, written: number, keys: number, valueBytes: number): Promise<number> {
  let number = written;
  const lane = async () => {
    while (number < keys) {
      number += 1;
      await bench.set(number, valueBytes);
    }
  };
  await Promise.all(Array.from({ length: FILL_CONCURRENCY }, lane));
  return number;
}

function channelConfig({ identity }: Organization, contractNames: readonly string[]): ChannelConfig {
  return {
    channelId: BENCH_CHANNEL,
    origin: originOf(BENCH_INSTALLATION_ID, BENCH_CHANNEL),
    displayName: "Bench",
    organizations: [
      {
        mspId: identity.mspId,
        displayName: identity.name,
        caCertificates: [identity.caCertificatePem],
        checkpointKeys: [identity.checkpointKey],
      },
    ],
    blockCutting: { messageCountMax: 500, bytesMax: 2 * 2 ** 20, timeoutMs: 2_000, cutWhenIdle: true },
    stateDatabase: "goleveldb",
    cryptography: "international",
    recordRefusals: false,
    contracts: contractNames,
  };
}
