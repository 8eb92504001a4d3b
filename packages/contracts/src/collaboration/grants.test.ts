import { beforeEach, describe, expect, it } from "vitest";
import { refusalOf } from "../testing/calling-channel.ts";
import {
  administrator,
  type CollaborationChannel,
  member,
  openCollaboration,
  stranger,
} from "../testing/collaboration-channel.ts";

let channel: CollaborationChannel;
let rice: string;
let tea: string;
let phases: readonly string[];

beforeEach(async () => {
  channel = await openCollaboration();
  rice = await channel.createGroup("rice");
  tea = await channel.createGroup("tea");
  phases = [
    await channel.createPhase(rice, "growing"),
    await channel.createPhase(rice, "milling"),
    await channel.createPhase(tea, "picking"),
  ];
});

const [growing, milling, picking] = [0, 1, 2];
const grant = (uid: string, groupId: string, ...indices: readonly number[]) =>
  channel.submit(administrator, "grant", groupId, uid, JSON.stringify(indices.map((index) => phases[index])));
const grants = (uid: string, groupId: string) => channel.read(administrator, "grants", groupId, uid);
const writes = async (uid: string, groupId: string, index: number) => {
  const item = { dataKey: "k", phaseData: "v" };
  const done = channel.upload({ groupId, phaseId: phases[index] ?? "" }, item, { uid });
  return (await refusalOf(done)) !== "ACCESS_DENIED";
};

describe("grant", () => {
  it("replaces what the uid may write in the group, and nothing elsewhere", async () => {
    await grant(member, rice, growing, milling);
    await grant(member, tea, picking);
    await grant(member, rice, milling);
    expect(await grants(member, rice)).toEqual({
      authorized: [{ phaseId: phases[milling], name: "milling" }],
      unauthorized: [{ phaseId: phases[growing], name: "growing" }],
    });
    expect(await grants(member, tea)).toMatchObject({ authorized: [{ name: "picking" }], unauthorized: [] });
    expect(await grants(stranger, rice)).toMatchObject({
      authorized: [],
      unauthorized: [{ name: "growing" }, { name: "milling" }],
    });
    const can = (uid: string) =>
      Promise.all([writes(uid, rice, growing), writes(uid, rice, milling), writes(uid, tea, picking)]);
    expect(await can(member)).toEqual([false, true, true]);
    expect(await can(stranger)).toEqual([false, false, false]);
    expect(await can(administrator)).toEqual([true, true, true]);
    await grant(member, rice);
    expect(await can(member)).toEqual([false, false, true]);
  });

  it("writes nothing where nothing changes", async () => {
    await grant(member, rice, growing);
    const before = channel.channel.dump();
    await grant(member, rice, growing);
    expect(channel.channel.dump()).toEqual(before);
  });

  it("refuses what is no list of the group's phases", async () => {
    const before = channel.channel.dump();
    expect(await refusalOf(grant(member, rice, picking))).toBe("PHASE_LIST_INVALID");
    expect(await refusalOf(grant(member, rice, growing, growing))).toBe("PHASE_LIST_INVALID");
    expect(await refusalOf(grant(member, "1000000000000000", growing))).toBe("PHASE_GROUP_UNKNOWN");
    const raw = (uid: string, json: string) => refusalOf(channel.submit(administrator, "grant", rice, uid, json));
    expect(await raw(member, "[1]")).toBe("PHASE_LIST_INVALID");
    for (const json of ["", "no JSON", "{}", '"x"']) expect(await raw(member, json)).toBe("ARGUMENT_MALFORMED");
    for (const uid of ["", "a b", "x".repeat(65)]) expect(await raw(uid, "[]")).toBe("ARGUMENT_MALFORMED");
    expect(await refusalOf(grants("", rice))).toBe("ARGUMENT_MALFORMED");
    expect(await refusalOf(grants(member, "x"))).toBe("PHASE_GROUP_UNKNOWN");
    expect(channel.channel.dump()).toEqual(before);
  });
});

describe("moveGrants", () => {
  it("gives all rights of one uid to another beside its own, and may be repeated", async () => {
    await grant(member, rice, growing);
    await grant(member, tea, picking);
    await grant(stranger, rice, milling);
    const move = (from: string, to: string) => channel.submit(administrator, "moveGrants", from, to);
    await move(member, stranger);
    const after = channel.channel.dump();
    await move(member, stranger);
    await move(stranger, stranger);
    expect(channel.channel.dump()).toEqual(after);
    expect(await grants(member, rice)).toMatchObject({ authorized: [] });
    expect(await grants(member, tea)).toMatchObject({ authorized: [] });
    expect(await grants(stranger, rice)).toMatchObject({ authorized: [{ name: "growing" }, { name: "milling" }] });
    expect(await grants(stranger, tea)).toMatchObject({ authorized: [{ name: "picking" }] });
    expect(await refusalOf(move("", stranger))).toBe("ARGUMENT_MALFORMED");
    expect(await refusalOf(move(member, "a b"))).toBe("ARGUMENT_MALFORMED");
  });

  it("leaves those of uids that begin alike", async () => {
    await grant("20", rice, growing);
    await channel.submit(administrator, "moveGrants", "2", stranger);
    expect(await grants("20", rice)).toMatchObject({ authorized: [{ name: "growing" }] });
  });
});
