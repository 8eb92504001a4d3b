import type { Parameters } from "./aliyun.ts";
import type { CrashClient } from "./crash-client.ts";
import type { DeviceKey } from "./device-signature.ts";
import type { LtlSetup, LtlUser } from "./ltl-world.ts";
import type { Chooser } from "./seed.ts";
import type { RunningServer } from "./server.ts";

export interface CrashChain {
  readonly bizChainId: string;
  /** Its code. */
  readonly productKey: string;
  readonly dataTypeCode: string;
}

/** A device that one stream of uploads has for itself, registered with the chain of that stream. */
export interface CrashDevice extends DeviceKey {
  readonly deviceGroupId: string;
}

export interface CrashPhase {
  readonly phaseId: string;
  readonly name: string;
}

/** What the streams of changes share; everything else is each stream's own. */
export interface CrashWorld {
  readonly client: CrashClient;
  readonly choose: Chooser;
  /** Uploads, and members with rights to them. */
  readonly collaboration: CrashChain;
  readonly phaseGroupId: string;
  readonly phases: readonly CrashPhase[];
  /** Evidence. */
  readonly proof: CrashChain;
  /** Phase groups and phases; members. */
  readonly models: CrashChain;
  /** Device groups; members. */
  readonly administered: CrashChain;
}

const PHASES = 5;

export async function createCrashWorld(
  setup: LtlSetup,
  { client, choose }: Pick<CrashWorld, "client" | "choose">,
): Promise<CrashWorld> {
  const collaboration = await setup.chain("Crash-uploads", "collaboration");
  const BizChainId = collaboration.bizChainId;
  const PhaseGroupId = String(await setup.call("CreateMPCoSPhaseGroup", { BizChainId, Name: "uploads" }));
  const phases: CrashPhase[] = [];
  for (let number = 0; number < PHASES; number += 1) {
    const name = `phase-${number}`;
    const phaseId = await setup.call("CreateMPCoSPhase", { BizChainId, PhaseGroupId, Name: name });
    phases.push({ phaseId: String(phaseId), name });
  }
  return {
    client,
    choose,
    collaboration,
    phaseGroupId: PhaseGroupId,
    phases,
    proof: await setup.chain("Crash-evidence", "proof"),
    models: await setup.chain("Crash-models", "collaboration"),
    administered: await setup.chain("Crash-administered", "proof"),
  };
}

/** A device of a product of its own, whose group may upload to the chain. */
export async function crashDevice(setup: LtlSetup, { bizChainId }: CrashChain): Promise<CrashDevice> {
  const device = await setup.device();
  return { ...device, deviceGroupId: await setup.group(bizChainId, device.productKey) };
}

/** RAM users, each in turn of the next account: each account is another organization. */
export async function usersOfAccounts(
  { bootstrap }: RunningServer,
  setup: LtlSetup,
  { accounts, usersEach }: { readonly accounts: number; readonly usersEach: number },
): Promise<readonly LtlUser[]> {
  const uids = [bootstrap.aliyun.uid];
  for (let number = 1; number < accounts; number += 1) {
    const made = (await setup.make("/accounts", { name: `Account-${number}` })) as unknown as MadeUser;
    uids.push(made.principal.uid);
  }
  const users: LtlUser[] = [];
  for (let number = 0; number < usersEach; number += 1) {
    for (const uid of uids) {
      const path = `/accounts/${uid}/users`;
      const made = (await setup.make(path, { name: `user-${number}` })) as unknown as MadeUser;
      users.push({ key: made.accessKey, uid: made.principal.uid });
    }
  }
  return users;
}

/** What the native API answers for both; a test that gets something else cannot sign with it. */
interface MadeUser {
  readonly principal: { readonly uid: string };
  readonly accessKey: LtlUser["key"];
}

/** These fields of a listed row as text. */
export function fields(row: Readonly<Record<string, unknown>>, names: readonly string[]): Parameters {
  return Object.fromEntries(names.map((name) => [name, String(row[name])]));
}
