import { expect } from "vitest";
import type { Parameters } from "./aliyun.ts";
import { type CrashPart, type Thing, TrackedList, untilGone } from "./crash-model.ts";
import { type CrashChain, type CrashWorld, fields } from "./ltl-crash-world.ts";
import type { LtlUser } from "./ltl-world.ts";

const FIELDS = ["MemberUid", "MemberName", "MemberContact", "MemberPhone", "Remark", "Status"];
const CREATED_A_ROUND = 4;
/** Users that stay out, so that there is always one to give a place to. */
const FREE_MIN = 6;

/** Members that come, get other details, give their places to other RAM users and are locked and unlocked. */
export class MemberChanges implements CrashPart {
  readonly #world: CrashWorld;
  readonly #chain: CrashChain;
  readonly #listChains: string;
  readonly #users: readonly LtlUser[];
  /** Those of them that are on the chain in no case. */
  #free: readonly LtlUser[];
  /** By member id. */
  readonly #dataTypeCodes = new Map<string, string>();
  readonly #members = new TrackedList<Parameters>();
  #number = 0;

  /** @param users of which none is on the chain */
  constructor(world: CrashWorld, service: "proof" | "collaboration", users: readonly LtlUser[]) {
    this.#world = world;
    this.#chain = service === "proof" ? world.administered : world.models;
    this.#listChains = service === "proof" ? "ListProofChain" : "ListMultiPartyCollaborationChain";
    this.#users = users;
    this.#free = users;
  }

  async write(): Promise<void> {
    let created = 0;
    const create = async () => {
      created += 1;
      return created > CREATED_A_ROUND ? this.#change() : this.#create();
    };
    await Promise.all([untilGone(create), untilGone(() => this.#change()), untilGone(() => this.#change())]);
  }

  async check(): Promise<void> {
    const rows = await this.#world.client.readAll("ListMember", this.#place());
    const found = rows.map((row) => [String(row["MemberId"]), fields(row, FIELDS)] as const);
    for (const fate of this.#members.settle(found, "member")) this.#world.client.noteFate("member", fate);
    const uids = rows.map((row) => row["MemberUid"]);
    expect(new Set(uids).size).toBe(uids.length);
    this.#free = this.#users.filter(({ uid }) => !uids.includes(uid));
    for (const user of this.#users) await this.#checkStanding(user);
    if (this.#chain === this.#world.administered) await this.#checkDataTypeCodes(uids);
  }

  checkAll(): Promise<void> {
    return this.check();
  }

  /** A member sees the chain once; one that is locked does not see it, nor does who is no member or none any more. */
  async #checkStanding({ uid, key }: LtlUser): Promise<void> {
    const member = this.#members.things.find(({ tracked }) => tracked.state?.["MemberUid"] === uid);
    const chains = await this.#world.client.readAll(this.#listChains, {}, key);
    const own = chains.filter((chain) => chain["BizChainId"] === this.#chain.bizChainId);
    expect(own, `chains of ${uid}`).toHaveLength(member?.tracked.state?.["Status"] === "UNLOCK" ? 1 : 0);
  }

  /** A place keeps its code, whoever has it. */
  async #checkDataTypeCodes(uids: readonly unknown[]): Promise<void> {
    const rows = await this.#world.client.readAll("ListPSMemberDataTypeCode", this.#place());
    expect(rows.map((row) => row["MemberUid"])).toEqual(uids);
    for (const { MemberId, DataTypeCode } of rows) {
      const id = String(MemberId);
      const code = this.#dataTypeCodes.get(id) ?? String(DataTypeCode);
      expect(DataTypeCode, `code of ${id}`).toBe(code);
      this.#dataTypeCodes.set(id, code);
    }
    expect(new Set(this.#dataTypeCodes.values()).size).toBe(rows.length);
  }

  async #create(): Promise<void> {
    const user = this.#free.length > FREE_MIN ? this.#takeUser() : undefined;
    if (user === undefined) return this.#change();
    const details = this.#details(user.uid);
    const parameters = { ...this.#place(), ...details };
    await this.#members.create({ ...details, Status: "UNLOCK" }, async () =>
      String((await this.#world.client.write("CreateMember", parameters)).data),
    );
  }

  async #change(): Promise<void> {
    const free = this.#members.things.filter(({ id, tracked }) => id !== undefined && !tracked.isOpen);
    if (free.length === 0) return this.#create();
    const thing = this.#world.choose.oneOf(free);
    await (this.#world.choose.fraction() < 0.5 ? this.#modify(thing) : this.#lock(thing));
  }

  async #modify({ id = "", tracked }: Thing<Parameters>): Promise<void> {
    const next = this.#world.choose.fraction() < 0.2 ? this.#takeUser() : undefined;
    const details = this.#details(next?.uid ?? tracked.state?.["MemberUid"] ?? "");
    const parameters = { ...this.#place(), MemberId: id, ...details };
    await tracked.change({ ...tracked.state, ...details }, () => this.#world.client.write("ModifyMember", parameters));
  }

  async #lock({ id = "", tracked }: Thing<Parameters>): Promise<void> {
    const isLocked = tracked.state?.["Status"] === "LOCK";
    const parameters = { ...this.#place(), MemberId: id };
    await tracked.change({ ...tracked.state, Status: isLocked ? "UNLOCK" : "LOCK" }, () =>
      this.#world.client.write(isLocked ? "UnLockMember" : "LockMember", parameters),
    );
  }

  #takeUser(): LtlUser | undefined {
    const [user, ...others] = this.#free;
    this.#free = others;
    return user;
  }

  #details(uid: string) {
    this.#number += 1;
    return {
      MemberUid: uid,
      MemberName: `公司-${this.#number}`,
      MemberContact: `联系人${this.#number}`,
      MemberPhone: String(this.#number),
      Remark: `备注 ${this.#number}`,
    };
  }

  #place() {
    return { BizChainId: this.#chain.bizChainId };
  }
}
