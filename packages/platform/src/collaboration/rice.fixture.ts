import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@concordat/base";
import { expect } from "vitest";
import type { Caller, CallNonce, NewChain, Principal } from "../ports.ts";
import { codeOf } from "../testing/harness.ts";
import { openOverEngine } from "../testing/real-engine.ts";
import type { PhaseDataItem, PhaseUpload, RelatedData } from "./ports.ts";

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const memberNames = ["grower", "mill", "shop"] as const;
type MemberName = (typeof memberNames)[number];

/** A RAM user with the company that it belongs to. */
interface RiceMember {
  readonly company: Principal;
  readonly principal: Principal;
  readonly memberId: string;
}

type Opened = Awaited<ReturnType<typeof openOverEngine>>;

/**
 * The document's scene over the real engine: one chain, a grower, a mill and a shop, each a RAM user of a company of its own, and one group
 * with a phase for each of them, which nobody but the administrator may write to yet.
 * @param names who is on the chain, where a test does not need all
 * @source LTL document, section 6.2
 */
export async function openRice(chain: Partial<NewChain> = {}, names: readonly MemberName[] = memberNames) {
  const clock = new ManualClock(1_700_000_000_000);
  const directory = await mkdtemp(join(tmpdir(), "concordat-rice-"));
  let opened = await openOverEngine(directory, clock);
  const administrator = opened.boot.accessKey.principal;
  const created = await opened.platform.chains.create(opened.callerOf(administrator), {
    name: "rice",
    service: "collaboration",
    ...chain,
  });
  const { bizChainId, channelId } = created.chain;
  let nonces = 0;
  const nonce = (): CallNonce => ({ accessKeyId: opened.boot.accessKey.accessKeyId, nonce: `n${++nonces}` });
  const joined = new Map<MemberName, RiceMember>();
  for (const name of names) {
    joined.set(name, await joinChain(opened, opened.callerOf(administrator), bizChainId, name));
  }
  const memberOf = (name: MemberName): RiceMember => {
    const member = joined.get(name);
    if (member === undefined) throw new Error(`The ${name} is not on the chain.`);
    return member;
  };
  const members = {
    get grower() {
      return memberOf("grower");
    },
    get mill() {
      return memberOf("mill");
    },
    get shop() {
      return memberOf("shop");
    },
  };
  const collaboration = () => opened.platform.collaboration;
  const { phaseGroupId } = await collaboration().createGroup(administrator, { bizChainId, name: "大米溯源" }, nonce());
  const phase = async (name: string) =>
    (await collaboration().createPhase(administrator, { bizChainId, phaseGroupId, name }, nonce())).phaseId;
  const phases = { grown: await phase("大米生产"), milled: await phase("大米加工"), sold: await phase("大米销售") };
  const state = async () => {
    const { height } = await opened.ledger.status(channelId);
    return { height, stateHash: await opened.ledger.stateHash(channelId) };
  };
  const uploadOf = (
    phaseId: string,
    items: readonly PhaseDataItem[],
    more: Partial<PhaseUpload> = {},
  ): PhaseUpload => ({
    bizChainId,
    phaseGroupId,
    phaseId,
    kind: "text",
    items,
    isBatch: false,
    ...more,
  });
  return {
    clock,
    get opened() {
      return opened;
    },
    administrator,
    chain: created.chain,
    bizChainId,
    members,
    phaseGroupId,
    phases,
    nonce,
    collaboration,
    state,
    uploadOf,
    upload: (caller: Principal, phaseId: string, items: readonly PhaseDataItem[], more: Partial<PhaseUpload> = {}) =>
      collaboration().upload(caller, uploadOf(phaseId, items, more), nonce()),
    /** The code of a refusal that left the channel as it was. */
    refusal: async (call: () => Promise<unknown>) => {
      const before = await state();
      const code = await codeOf(call());
      expect(await state()).toEqual(before);
      return code;
    },
    grant: (memberId: string, phaseIds: readonly string[]) =>
      collaboration().updateAccess(administrator, { bizChainId, memberId, phaseGroupId, phaseIds }, nonce()),
    restart: async () => {
      await opened.close();
      opened = await openOverEngine(directory, clock);
    },
    close: async () => {
      await opened.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type Rice = Awaited<ReturnType<typeof openRice>>;

export function relatedTo(phaseId: string, item: PhaseDataItem): RelatedData {
  const { dataKey, phaseData, dataSeq } = item;
  return { phaseId, dataKey, phaseData, ...(dataSeq === undefined ? {} : { dataSeq }) };
}

async function joinChain(
  { platform }: Opened,
  caller: Caller,
  bizChainId: string,
  name: MemberName,
): Promise<RiceMember> {
  const { accounts, members } = platform;
  const { principal: company } = await accounts.createAccount(caller, { name: `${name}-company` });
  const { principal } = await accounts.createRamUser(caller, { accountUid: company.uid, name });
  const { memberId } = await members.create(caller, { bizChainId, uid: principal.uid });
  return { company, principal, memberId };
}
