import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { refusalOf } from "../testing/calling-channel.ts";
import {
  administrator,
  type CollaborationChannel,
  member,
  openCollaboration,
  stranger,
} from "../testing/collaboration-channel.ts";
import type { CollaborationHistoryJson, PhaseGrantsJson, PhaseItemJson, ProvenanceJson } from "./answers.ts";

/**
 * The model: for each phase and data key the list of its records, oldest first, and who may write to which phase. Commands run on model
 * and contract alike; refusals and answers must agree, and the meters must be the sums of the model.
 */
interface ModelRecord {
  readonly phase: number;
  readonly key: string;
  readonly seq: string;
  readonly kind: "text" | "digest";
  readonly value: string;
  readonly writer: string;
  readonly timeMs: number;
  readonly related: readonly ModelRecord[];
}

interface Model {
  records: readonly ModelRecord[];
  /** `<uid> <phase>` */
  readonly grants: Set<string>;
}

interface Real {
  readonly channel: CollaborationChannel;
  /** Two phases of one group, and one of another. */
  readonly phases: readonly { readonly groupId: string; readonly phaseId: string }[];
}

const phasesOfGroup = [0, 1];
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const digestOf = ({ kind, value }: ModelRecord) => (kind === "digest" ? value.toLowerCase() : sha256(value));

/** What an item of a generated upload is; `related` picks among the records there are, and says whether its data is right. */
interface Draft {
  readonly key: string;
  readonly seq: string | undefined;
  readonly value: string;
  readonly related: readonly {
    readonly pick: number;
    readonly newest: boolean;
    readonly right: boolean;
    readonly anywhere: boolean;
  }[];
}

interface UploadDraft {
  readonly phase: number;
  readonly kind: "text" | "digest";
  readonly uid: string;
  readonly isBatch: boolean;
  readonly waitMs: number;
  readonly items: readonly Draft[];
}

type Command = fc.AsyncCommand<Model, Real>;

function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return { check: () => true, run, toString: () => name };
}

const upload = (draft: UploadDraft): Command =>
  command(`upload(${JSON.stringify(draft)})`, async (model, { channel, phases }) => {
    channel.timeMs += draft.waitMs;
    const place = phases[draft.phase] ?? phases[0];
    if (place === undefined) return;
    const made: ModelRecord[] = [];
    const items: PhaseItemJson[] = [];
    let isRelatedRight = true;
    for (const [index, item] of draft.items.entries()) {
      const known = [...model.records, ...made];
      const value = draft.kind === "digest" ? sha256(item.value).toUpperCase() : item.value;
      const related = item.related.flatMap(({ pick, newest, right, anywhere }) => {
        const candidates = known.filter((record) => anywhere || sameGroup(record.phase, draft.phase));
        const chosen = candidates[pick % Math.max(candidates.length, 1)];
        if (chosen === undefined) return [];
        const target = newest
          ? known.findLast(({ phase, key }) => phase === chosen.phase && key === chosen.key)
          : chosen;
        return target === undefined ? [] : [{ target, newest, right }];
      });
      isRelatedRight &&= related.every(({ target, right }) => right && sameGroup(target.phase, draft.phase));
      const seq = item.seq ?? sha256(`${channel.nextTxId}:${index}`);
      const stamp = { phase: draft.phase, key: item.key, kind: draft.kind, writer: draft.uid, timeMs: channel.timeMs };
      made.push({ ...stamp, seq, value, related: related.map(({ target }) => target) });
      items.push({
        dataKey: item.key,
        phaseData: value,
        ...(item.seq === undefined ? {} : { dataSeq: item.seq }),
        related: related.map(({ target, newest, right }) => ({
          phaseId: phases[target.phase]?.phaseId ?? "",
          dataKey: target.key,
          phaseData: right ? target.value : `${target.value}?`,
          ...(newest ? {} : { dataSeq: target.seq }),
        })),
      });
    }
    const { uid, kind } = draft;
    const [only] = items;
    if (only === undefined) return;
    const done = draft.isBatch
      ? channel.uploadBatch(place, items, { uid, kind })
      : channel.upload(place, only, { uid, kind }).then((one) => [one]);
    const expected = expectedRefusal(model, draft, made, isRelatedRight);
    if (expected !== undefined) return expect(await refusalOf(done)).toBe(expected);
    expect(await done).toEqual(made.map(({ key, seq }) => ({ dataKey: key, dataSeq: seq })));
    model.records = [...model.records, ...made];
  });

function sameGroup(one: number, other: number): boolean {
  return phasesOfGroup.includes(one) === phasesOfGroup.includes(other);
}

function expectedRefusal(model: Model, draft: UploadDraft, made: readonly ModelRecord[], isRelatedRight: boolean) {
  const nameOf = ({ phase, key, seq }: ModelRecord) => `${phase} ${key} ${seq}`;
  if (draft.uid !== administrator && !model.grants.has(`${draft.uid} ${draft.phase}`)) return "ACCESS_DENIED";
  if (new Set(made.map(nameOf)).size < made.length) return "BATCH_KEY_REPEATED";
  const onChain = new Set(model.records.map(nameOf));
  if (made.some((record) => onChain.has(nameOf(record)))) return draft.isBatch ? "BATCH_KEY_EXISTS" : "KEY_EXISTS";
  return isRelatedRight ? undefined : "RELATED_DATA_REFUSED";
}

const grant = (uid: string, isFirstGroup: boolean, chosen: readonly boolean[]): Command =>
  command(`grant(${uid}, ${isFirstGroup}, ${chosen})`, async (model, { channel, phases }) => {
    const indices = isFirstGroup ? phasesOfGroup : [2];
    const wanted = indices.filter((index) => chosen[index] === true);
    const groupId = phases[indices[0] ?? 0]?.groupId ?? "";
    const ids = wanted.map((index) => phases[index]?.phaseId);
    await channel.submit(administrator, "grant", groupId, uid, JSON.stringify(ids));
    for (const index of indices) model.grants.delete(`${uid} ${index}`);
    for (const index of wanted) model.grants.add(`${uid} ${index}`);
  });

const moveGrants = (from: string, to: string): Command =>
  command(`moveGrants(${from}, ${to})`, async (model, { channel, phases }) => {
    await channel.submit(administrator, "moveGrants", from, to);
    for (const index of phases.keys()) {
      if (from !== to && model.grants.delete(`${from} ${index}`)) model.grants.add(`${to} ${index}`);
    }
  });

const grants = (uid: string): Command =>
  command(`grants(${uid})`, async (model, { channel, phases }) => {
    for (const groupId of new Set(phases.map((place) => place.groupId))) {
      const { authorized } = (await channel.read(administrator, "grants", groupId, uid)) as PhaseGrantsJson;
      const expected = phases.filter(
        (place, index) => place.groupId === groupId && model.grants.has(`${uid} ${index}`),
      );
      expect(authorized.map(({ phaseId }) => phaseId)).toEqual(expected.map(({ phaseId }) => phaseId));
    }
  });

const describe = (phase: number, key: string, pick: number): Command =>
  command(`describe(${phase}, ${key}, ${pick})`, async (model, real) => {
    const place = real.phases[phase] ?? { groupId: "", phaseId: "" };
    const records = model.records.filter((record) => record.phase === phase && record.key === key);
    const chosen = records[pick];
    const described = real.channel.describe(place, key, chosen?.seq ?? "");
    const expected = chosen ?? records.at(-1);
    if (expected === undefined) return expect(await refusalOf(described)).toBe("PHASE_DATA_UNKNOWN");
    expect(await described).toMatchObject(asJson(real, expected));
  });

/** @param ends the window's ends: a record of the key each, and how far beside it */
const history = (
  phase: number,
  key: string,
  ends: readonly (readonly [number, number])[],
  page: number,
  size: number,
) =>
  command(`history(${phase}, ${key}, ${JSON.stringify(ends)}, ${page}, ${size})`, async (model, real) => {
    const { channel, phases } = real;
    const { groupId, phaseId } = phases[phase] ?? { groupId: "", phaseId: "" };
    const records = model.records.filter((record) => record.phase === phase && record.key === key);
    const times = ends.map(([pick, offset]) => {
      return (records[pick % Math.max(records.length, 1)]?.timeMs ?? channel.timeMs) + offset;
    });
    const [startMs, endMs] = [Math.min(...times), Math.max(...times)];
    const args = [groupId, phaseId, key, String(startMs), String(endMs), String(page), String(size)];
    const answer = (await channel.read(stranger, "history", ...args)) as CollaborationHistoryJson;
    const inside = records.filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs);
    const expected = inside.toReversed().slice((page - 1) * size, page * size);
    expect(answer).toMatchObject({ total: inside.length, records: expected.map((record) => asJson(real, record)) });
    expect(answer.records).toHaveLength(expected.length);
  });

const provenance = (pick: number, limit: number): Command =>
  command(`provenance(${pick}, ${limit})`, async (model, real) => {
    const from = model.records[pick % Math.max(model.records.length, 1)];
    if (from === undefined) return;
    const { groupId, phaseId } = real.phases[from.phase] ?? { groupId: "", phaseId: "" };
    const args = [groupId, phaseId, from.key, from.seq, String(limit)];
    const answer = (await real.channel.read(stranger, "provenance", ...args)) as ProvenanceJson;
    // A set that is walked through also yields what is added on the way.
    const reached = new Set([from]);
    for (const record of reached) for (const related of record.related) reached.add(related);
    const expected = [...reached].slice(0, limit).map((record) => asJson(real, record));
    expect(answer).toMatchObject({ complete: reached.size <= limit, records: expected });
    expect(answer.records).toHaveLength(expected.length);
  });

function asJson({ phases }: Real, record: ModelRecord) {
  const { phase, key, seq, kind, value, writer, timeMs } = record;
  const related = record.related.map((each) => {
    return { phaseId: phases[each.phase]?.phaseId, dataKey: each.key, dataSeq: each.seq, digest: digestOf(each) };
  });
  const place = { ...phases[phase], dataKey: key, dataSeq: seq };
  return { ...place, kind, value, digest: digestOf(record), writerUid: writer, timestampMs: timeMs, related };
}

function expectedMeters(model: Model): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { value, writer } of model.records) {
    const bytes = Buffer.byteLength(value);
    const readings = { count: 1, bytes, [`count:${writer}`]: 1, [`bytes:${writer}`]: bytes };
    for (const [meter, amount] of Object.entries(readings)) sums[meter] = (sums[meter] ?? 0) + amount;
  }
  return sums;
}

async function openReal(): Promise<Real> {
  const channel = await openCollaboration();
  const [rice, tea] = [await channel.createGroup("rice"), await channel.createGroup("tea")];
  const phases = [
    { groupId: rice, phaseId: await channel.createPhase(rice, "growing") },
    { groupId: rice, phaseId: await channel.createPhase(rice, "milling") },
    { groupId: tea, phaseId: await channel.createPhase(tea, "picking") },
  ];
  return { channel, phases };
}

it("behaves as lists of records and a set of rights, whatever the calls", async () => {
  const phase = fc.nat(2);
  const key = fc.constantFrom("a", "b", "c");
  const uid = fc.constantFrom(administrator, administrator, administrator, member, stranger);
  const seldom = fc.integer({ min: 0, max: 15 }).map((number) => number === 0);
  const related = fc.record({
    pick: fc.nat(40),
    newest: fc.boolean(),
    right: seldom.map((wrong) => !wrong),
    anywhere: seldom,
  });
  const draft: fc.Arbitrary<Draft> = fc.record({
    key,
    seq: fc.option(fc.constantFrom("1", "2", "3", "4", "5", "6"), { nil: undefined, freq: 1 }),
    value: fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).filter((text) => text.isWellFormed()),
    related: fc.array(related, { maxLength: 3 }),
  });
  const common = {
    phase,
    kind: fc.constantFrom("text" as const, "digest" as const),
    uid,
    waitMs: fc.constantFrom(0, 0, 1, 1_000, 86_400_000),
  };
  const single = fc.record({ ...common, isBatch: fc.constant(false), items: fc.tuple(draft) });
  const items = fc.array(draft, { minLength: 1, maxLength: 4 });
  const batch = fc.record({ ...common, isBatch: fc.constant(true), items });
  const end = fc.tuple(fc.nat(40), fc.constantFrom(-1, 0, 0, 1));
  const ends = fc.array(end, { minLength: 2, maxLength: 2 });
  const paging = [fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 })] as const;
  const commands = fc.commands(
    [
      single.map(upload),
      single.map(upload),
      batch.map(upload),
      fc
        .tuple(fc.constantFrom(member, stranger), fc.boolean(), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }))
        .map((parts) => grant(...parts)),
      fc
        .tuple(fc.constantFrom(member, stranger), fc.constantFrom(member, stranger))
        .map((parts) => moveGrants(...parts)),
      fc.constantFrom(member, stranger).map(grants),
      fc.tuple(phase, key, fc.nat(4)).map((parts) => describe(...parts)),
      fc.tuple(phase, key, ends, ...paging).map((parts) => history(...parts)),
      fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 12 })).map((parts) => provenance(...parts)),
    ],
    { maxCommands: 60 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      const model: Model = { records: [], grants: new Set() };
      const real = await openReal();
      await fc.asyncModelRun(() => ({ model, real }), sequence);
      expect(real.channel.channel.meters()).toEqual(expectedMeters(model));
    }),
    { numRuns: 150 },
  );
});
