import { type CrashPart, type Thing, TrackedList, untilGone } from "./crash-model.ts";
import { type CrashWorld, fields } from "./ltl-crash-world.ts";

interface Named {
  readonly Name: string;
  readonly Remark: string;
}

interface Group {
  readonly thing: Thing<Named>;
  readonly phases: TrackedList<Named>;
}

/** A group has five phases at most, a chain two hundred groups. */
const PHASES_MAX = 5;
const GROUPS_A_ROUND = 15;

/** Phase groups and phases that come and are renamed. */
export class PhaseModels implements CrashPart {
  readonly #world: CrashWorld;
  readonly #groups = new TrackedList<Named>();
  readonly #phasesOf = new Map<Thing<Named>, TrackedList<Named>>();
  #number = 0;
  #madeInRound = 0;

  constructor(world: CrashWorld) {
    this.#world = world;
  }

  async write(): Promise<void> {
    this.#madeInRound = 0;
    const streams = [this.#createGroup, this.#createPhase, this.#modifyGroup, this.#modifyPhase];
    await Promise.all(streams.map((change) => untilGone(() => change.call(this))));
  }

  async check(): Promise<void> {
    const rows = await this.#world.client.readAll("ListMPCoSPhaseGroup", this.#chain());
    this.#settle(this.#groups, "PhaseGroupId", rows);
    for (const thing of this.#groups.things) {
      const phases = this.#phasesOf.get(thing) ?? new TrackedList<Named>();
      this.#phasesOf.set(thing, phases);
      const sought = { ...this.#chain(), PhaseGroupId: thing.id ?? "" };
      const found = await this.#world.client.readAll("ListMPCoSPhase", sought);
      this.#settle(phases, "PhaseId", found);
    }
  }

  #settle(list: TrackedList<Named>, idName: string, rows: readonly Readonly<Record<string, unknown>>[]): void {
    const fates = list.settle(
      rows.map((row) => [String(row[idName]), named(row)]),
      idName,
    );
    for (const fate of fates) this.#world.client.noteFate("phase or group", fate);
  }

  checkAll(): Promise<void> {
    return this.check();
  }

  async #createGroup(): Promise<void> {
    if (this.#madeInRound >= GROUPS_A_ROUND) return this.#createPhase();
    this.#madeInRound += 1;
    const state = this.#nextName("group");
    const thing = await this.#groups.create(state, async () => {
      const { data } = await this.#world.client.write("CreateMPCoSPhaseGroup", { ...this.#chain(), ...state });
      return String(data);
    });
    this.#phasesOf.set(thing, new TrackedList());
  }

  async #createPhase(): Promise<void> {
    const open = this.#known().filter(({ phases }) => phases.things.length < PHASES_MAX);
    if (open.length === 0) return this.#modifyGroup();
    const { thing, phases } = this.#world.choose.oneOf(open);
    const state = this.#nextName("phase");
    const parameters = { ...this.#chain(), PhaseGroupId: thing.id ?? "", ...state };
    await phases.create(state, async () =>
      String((await this.#world.client.write("CreateMPCoSPhase", parameters)).data),
    );
  }

  async #modifyGroup(): Promise<void> {
    const thing = this.#pick(this.#known().map((group) => group.thing));
    if (thing === undefined) return this.#createGroup();
    const parameters = { ...this.#chain(), PhaseGroupId: thing.id ?? "" };
    await this.#rename(thing, "ModifyMPCoSPhaseGroup", parameters, "group");
  }

  async #modifyPhase(): Promise<void> {
    const thing = this.#pick(this.#known().flatMap(({ phases }) => phases.things));
    if (thing === undefined) return this.#createGroup();
    await this.#rename(thing, "ModifyMPCoSPhase", { ...this.#chain(), PhaseId: thing.id ?? "" }, "phase");
  }

  async #rename(thing: Thing<Named>, action: string, parameters: Readonly<Record<string, string>>, kind: string) {
    const state = this.#nextName(kind);
    await thing.tracked.change(state, () => this.#world.client.write(action, { ...parameters, ...state }));
  }

  /** One that no other stream is changing at this moment. */
  #pick(things: readonly Thing<Named>[]): Thing<Named> | undefined {
    const free = things.filter(({ id, tracked }) => id !== undefined && !tracked.isOpen);
    return free.length === 0 ? undefined : this.#world.choose.oneOf(free);
  }

  #known(): readonly Group[] {
    return this.#groups.things.flatMap((thing) => {
      const phases = this.#phasesOf.get(thing);
      return phases === undefined ? [] : [{ thing, phases }];
    });
  }

  #nextName(kind: string): Named {
    this.#number += 1;
    return { Name: `${kind}-${this.#number}`, Remark: `备注 ${this.#number}` };
  }

  #chain() {
    return { BizChainId: this.#world.models.bizChainId };
  }
}

function named(row: Readonly<Record<string, unknown>>): Named {
  const { Name = "", Remark = "" } = fields(row, ["Name", "Remark"]);
  return { Name, Remark };
}
