import { expect } from "vitest";
import type { Answer, Parameters } from "./aliyun.ts";
import type { CrashClient } from "./crash-client.ts";
import { type CrashPart, Tracked, untilGone } from "./crash-model.ts";
import { type CrashPhase, type CrashWorld, fields } from "./ltl-crash-world.ts";
import type { LtlSetup, LtlUser } from "./ltl-world.ts";

/** A member with its rights, as the answers show it. */
interface SeatState {
  readonly member: Parameters;
  /** In the order of the phases. */
  readonly phaseIds: readonly string[];
}

const FIELDS = ["MemberUid", "MemberName", "MemberContact", "MemberPhone", "Remark", "Status"];

/** One member of the chain of uploads, whose place goes from one RAM user to the next, with rights that change. */
export class Seat implements CrashPart {
  readonly #world: CrashWorld;
  readonly #users: readonly LtlUser[];
  readonly #memberId: string;
  readonly #tracked: Tracked<SeatState>;
  #number = 0;

  private constructor(world: CrashWorld, users: readonly LtlUser[], memberId: string, state: SeatState) {
    this.#world = world;
    this.#users = users;
    this.#memberId = memberId;
    this.#tracked = new Tracked(state);
  }

  /** @param users that no other seat has; the first one is the member */
  static async create(world: CrashWorld, setup: LtlSetup, users: readonly LtlUser[]): Promise<Seat> {
    const [{ uid } = { uid: "" }] = users;
    const { bizChainId } = world.collaboration;
    const details = detailsOf(uid, 0);
    const memberId = String(await setup.call("CreateMember", { BizChainId: bizChainId, ...details }));
    return new Seat(world, users, memberId, { member: { ...details, Status: "UNLOCK" }, phaseIds: [] });
  }

  write(): Promise<void> {
    const { choose } = this.#world;
    return untilGone(async () => {
      await choose.oneOf([() => this.#handOver(), () => this.#handOver(), () => this.#grant(), () => this.#lock()])();
      const open = this.#phases().find((phase) => this.#mayWrite(this.#user().uid, phase));
      if (open !== undefined) await this.#client().write(...this.#upload(open), this.#user().key);
    });
  }

  async check(): Promise<void> {
    const { bizChainId } = this.#world.collaboration;
    const place = { BizChainId: bizChainId };
    const rows = await this.#client().readAll("ListMember", place);
    const own = rows.filter(({ MemberId }) => MemberId === this.#memberId);
    expect(own).toHaveLength(1);
    const sought = { ...place, MemberId: this.#memberId, PhaseGroupId: this.#world.phaseGroupId };
    // The comparison with the rights that were set fails where it is of another form.
    const access = (await this.#client().read("DescribeMPCoSAuthorizedInfo", sought)) as {
      AuthorizedPhaseList: readonly { PhaseId: string }[];
      UnAuthorizedPhaseList: readonly { PhaseId: string }[];
    };
    const phaseIds = access.AuthorizedPhaseList.map(({ PhaseId }) => PhaseId);
    expect([...phaseIds, ...access.UnAuthorizedPhaseList.map(({ PhaseId }) => PhaseId)].toSorted()).toEqual(
      this.#phases()
        .map(({ phaseId }) => phaseId)
        .toSorted(),
    );
    const found = { member: fields(own[0] ?? {}, FIELDS), phaseIds };
    this.#world.client.noteFate("member's place or right", this.#tracked.settle(found, `member ${this.#memberId}`));
    await this.#checkUploads();
    expect(this.#usersOf(rows)).toEqual([this.#user().uid]);
  }

  checkAll(): Promise<void> {
    return this.check();
  }

  /** Who has the place may write to the phases that its member has, and nobody else who had it. */
  async #checkUploads(): Promise<void> {
    for (const user of this.#users) {
      for (const phase of this.#phases()) {
        const answer: Answer = await this.#client().ask(...this.#upload(phase), user.key);
        const expected = this.#mayWrite(user.uid, phase) ? [200, 200] : [403, "NoPermission"];
        expect([answer.status, answer.body["Code"]], `${user.uid} in ${phase.name}: ${answer.text}`).toEqual(expected);
      }
    }
  }

  /** Which of the seat's users are members. */
  #usersOf(rows: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
    const uids = rows.map((row) => String(row["MemberUid"]));
    return uids.filter((uid) => this.#users.some((user) => user.uid === uid));
  }

  async #handOver(): Promise<void> {
    const { state } = this.#tracked;
    const next = this.#world.choose.oneOf(this.#users.filter(({ uid }) => uid !== this.#user().uid));
    this.#number += 1;
    const details = detailsOf(next.uid, this.#number);
    const parameters = { ...this.#member(), ...details };
    await this.#tracked.change({ ...state, member: { ...state.member, ...details } }, () =>
      this.#client().write("ModifyMember", parameters),
    );
  }

  async #grant(): Promise<void> {
    const chosen = this.#phases().filter(() => this.#world.choose.fraction() < 0.5);
    const phaseIds = chosen.map(({ phaseId }) => phaseId);
    const parameters = {
      ...this.#member(),
      PhaseGroupId: this.#world.phaseGroupId,
      AuthorizedPhaseList: JSON.stringify(phaseIds),
    };
    await this.#tracked.change({ ...this.#tracked.state, phaseIds }, () =>
      this.#client().write("UpdateMPCoSAuthorizedInfo", parameters),
    );
  }

  async #lock(): Promise<void> {
    const { state } = this.#tracked;
    const isLocked = state.member["Status"] === "LOCK";
    const member = { ...state.member, Status: isLocked ? "UNLOCK" : "LOCK" };
    await this.#tracked.change({ ...state, member }, () =>
      this.#client().write(isLocked ? "UnLockMember" : "LockMember", this.#member()),
    );
  }

  #mayWrite(uid: string, { phaseId }: CrashPhase): boolean {
    const { member, phaseIds } = this.#tracked.state;
    return member["MemberUid"] === uid && member["Status"] === "UNLOCK" && phaseIds.includes(phaseId);
  }

  #upload({ phaseId }: CrashPhase): [action: string, parameters: Parameters] {
    this.#number += 1;
    const { collaboration, phaseGroupId } = this.#world;
    const place = { BizChainId: collaboration.bizChainId, PhaseGroupId: phaseGroupId, PhaseId: phaseId };
    const DataKey = `seat-${this.#memberId}-${this.#number}`;
    return ["UploadMPCoSPhaseTextInfo", { ...place, DataKey, PhaseData: "of a member" }];
  }

  #user(): LtlUser {
    const uid = this.#tracked.state.member["MemberUid"];
    const user = this.#users.find((each) => each.uid === uid);
    if (user === undefined) throw new Error(`${uid} is none of the users of the seat.`);
    return user;
  }

  #member() {
    return { BizChainId: this.#world.collaboration.bizChainId, MemberId: this.#memberId };
  }

  #phases(): readonly CrashPhase[] {
    return this.#world.phases;
  }

  #client(): CrashClient {
    return this.#world.client;
  }
}

function detailsOf(uid: string, number: number) {
  return {
    MemberUid: uid,
    MemberName: `公司-${number}`,
    MemberContact: `联系人${number}`,
    MemberPhone: String(number),
    Remark: `备注 ${number}`,
  };
}
