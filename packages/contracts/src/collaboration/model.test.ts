import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { refusalOf } from "../testing/calling-channel.ts";
import {
  administrator,
  CollaborationChannel,
  member,
  openCollaboration,
  stranger,
} from "../testing/collaboration-channel.ts";
import { textToPhaseCode } from "./ids.ts";

const idForm = /^[1-9][0-9]{15}$/;
let channel: CollaborationChannel;

beforeEach(async () => {
  channel = await openCollaboration();
});

const groups = (name = "", page = 1, size = 100) => channel.read(stranger, "groups", name, String(page), String(size));
const phases = (uid: string, groupId: string, name = "", page = 1, size = 100) =>
  channel.read(uid, "phases", groupId, name, String(page), String(size));

describe("open", () => {
  it("makes the first caller the administrator, and no other", async () => {
    const before = channel.channel.dump();
    await channel.submit(administrator, "open");
    expect(channel.channel.dump()).toEqual(before);
    expect(await refusalOf(channel.submit(member, "open"))).toBe("ACCESS_DENIED");
    expect(await refusalOf(channel.submit("", "open"))).toBe("ACCESS_DENIED");
    expect(channel.channel.dump()).toEqual(before);
  });

  it("comes before everything that an administrator does", async () => {
    const unopened = new CollaborationChannel();
    expect(await refusalOf(unopened.submit(administrator, "createGroup", "rice", "", "1"))).toBe("ACCESS_DENIED");
    expect(await refusalOf(unopened.submit("", "createGroup", "rice", "", "1"))).toBe("ACCESS_DENIED");
  });
});

describe("administration", () => {
  it("is refused to everybody else, and leaves nothing", async () => {
    const groupId = await channel.createGroup("rice");
    const phaseId = await channel.createPhase(groupId, "growing");
    const before = channel.channel.dump();
    const calls: readonly (readonly string[])[] = [
      ["createGroup", "tea", "", "200"],
      ["modifyGroup", groupId, "tea", ""],
      ["createPhase", groupId, "milling", "", "5"],
      ["modifyPhase", phaseId, "milling", ""],
      ["grant", groupId, member, "[]"],
      ["grants", groupId, member],
      ["moveGrants", member, stranger],
      ["resources"],
    ];
    for (const [fn = "", ...args] of calls) {
      for (const uid of [member, ""])
        expect(await refusalOf(channel.submit(uid, fn, ...args)), fn).toBe("ACCESS_DENIED");
    }
    expect(channel.channel.dump()).toEqual(before);
  });
});

describe("groups", () => {
  it("are listed by creation, by page and by exact name", async () => {
    const created: object[] = [];
    for (const name of ["rice", "tea", "rice", "oil"]) {
      const groupId = await channel.createGroup(name, `of ${name}`);
      expect(groupId).toMatch(idForm);
      created.push({ groupId, name, remark: `of ${name}` });
    }
    expect(await groups()).toEqual({ total: 4, groups: created });
    expect(await groups("", 2, 3)).toEqual({ total: 4, groups: created.slice(3) });
    expect(await groups("", 3, 3)).toEqual({ total: 4, groups: [] });
    expect(await groups("rice", 2, 1)).toEqual({ total: 2, groups: [created[2]] });
    expect(await groups("ric")).toEqual({ total: 0, groups: [] });
  });

  it("change their name, and their remark where one is given", async () => {
    const groupId = await channel.createGroup("rice", "first");
    await channel.submit(administrator, "modifyGroup", groupId, "大米", "");
    expect(await groups()).toEqual({ total: 1, groups: [{ groupId, name: "大米", remark: "first" }] });
    await channel.submit(administrator, "modifyGroup", groupId, "大米", "second");
    expect(await groups()).toMatchObject({ groups: [{ remark: "second" }] });
    for (const id of ["", "1000000000000000", "x"]) {
      const modified = channel.submit(administrator, "modifyGroup", id, "tea", "");
      expect(await refusalOf(modified)).toBe("PHASE_GROUP_UNKNOWN");
    }
  });

  it("are as many as the quota lets", async () => {
    await channel.createGroup("one", "", 2);
    await channel.createGroup("two", "", 2);
    expect(await refusalOf(channel.createGroup("three", "", 2))).toBe("QUOTA_EXCEEDED");
    await channel.createGroup("three", "", 3);
    expect(await refusalOf(channel.createGroup("four", "", 0))).toBe("QUOTA_EXCEEDED");
    for (const limit of ["", "x", "-1"]) {
      const created = channel.submit(administrator, "createGroup", "four", "", limit);
      expect(await refusalOf(created)).toBe("ARGUMENT_MALFORMED");
    }
  });
});

describe("names and remarks", () => {
  it.each(["米店", "a1", "x".repeat(30), "稻".repeat(30), "\u{20000}".repeat(30), "A_b-c.(d)", "阶段（一）"])(
    "take %s",
    async (name) => {
      const groupId = await channel.createGroup(name, "记".repeat(100));
      await channel.createPhase(groupId, name, "\u{1f600}".repeat(100));
      expect(await phases(member, groupId)).toMatchObject({ total: 1, phases: [{ name }] });
    },
  );

  it.each(["", "x", "稻", "x".repeat(31), "a b", "a\nb", "a/b", "\u{1f600}\u{1f600}", "a\ud800"])(
    "refuse the name %j",
    async (name) => {
      const groupId = await channel.createGroup("rice");
      const phaseId = await channel.createPhase(groupId, "growing");
      const calls = [
        ["createGroup", name, "", "9"],
        ["modifyGroup", groupId, name, ""],
        ["createPhase", groupId, name, "", "5"],
        ["modifyPhase", phaseId, name, ""],
      ];
      for (const [fn = "", ...args] of calls) {
        expect(await refusalOf(channel.submit(administrator, fn, ...args)), fn).toBe("NAME_INVALID");
      }
    },
  );

  it.each(["x".repeat(101), "\ud800"])("refuse the remark %j", async (remark) => {
    expect(await refusalOf(channel.createGroup("rice", remark))).toBe("REMARK_INVALID");
    const groupId = await channel.createGroup("rice");
    expect(await refusalOf(channel.createPhase(groupId, "growing", remark))).toBe("REMARK_INVALID");
  });
});

describe("phases", () => {
  it("are listed by creation, with who may write", async () => {
    const groupId = await channel.createGroup("rice");
    const created: { phaseId: string; name: string; remark: string }[] = [];
    for (const name of ["growing", "milling", "selling"]) {
      created.push({ phaseId: await channel.createPhase(groupId, name, `of ${name}`), name, remark: `of ${name}` });
    }
    for (const { phaseId } of created) expect(phaseId).toMatch(idForm);
    const [growing, milling] = created;
    await channel.submit(administrator, "grant", groupId, member, JSON.stringify([milling?.phaseId]));
    const seenBy = (uid: string, writable: readonly boolean[]) =>
      expect(phases(uid, groupId)).resolves.toEqual({
        total: 3,
        phases: created.map((phase, index) => ({ ...phase, writable: writable[index] })),
      });
    await seenBy(administrator, [true, true, true]);
    await seenBy(member, [false, true, false]);
    await seenBy(stranger, [false, false, false]);
    expect(await phases(stranger, groupId, "", 3, 1)).toMatchObject({ total: 3, phases: [{ name: "selling" }] });
    expect(await phases(stranger, groupId, "growing")).toMatchObject({ total: 1, phases: [growing] });
    expect(await phases(stranger, groupId, "grow")).toEqual({ total: 0, phases: [] });
    expect(await refusalOf(phases(stranger, "1000000000000000"))).toBe("PHASE_GROUP_UNKNOWN");
    expect(await refusalOf(phases("", groupId))).toBe("ACCESS_DENIED");
  });

  it("have names of their own in a group", async () => {
    const groupId = await channel.createGroup("rice");
    const growing = await channel.createPhase(groupId, "growing");
    const milling = await channel.createPhase(groupId, "milling", "by stone");
    expect(await refusalOf(channel.createPhase(groupId, "growing"))).toBe("NAME_EXISTS");
    const modify = (phaseId: string, name: string, remark = "") =>
      channel.submit(administrator, "modifyPhase", phaseId, name, remark);
    expect(await refusalOf(modify(milling, "growing"))).toBe("NAME_EXISTS");
    await modify(growing, "growing", "by water");
    await modify(milling, "grinding");
    expect(await phases(stranger, groupId)).toMatchObject({
      phases: [
        { name: "growing", remark: "by water" },
        { name: "grinding", remark: "by stone" },
      ],
    });
    await channel.createPhase(await channel.createGroup("tea"), "growing");
    for (const id of ["", "1000000000000000", groupId])
      expect(await refusalOf(modify(id, "tea"))).toBe("PHASE_UNKNOWN");
  });

  it("are as many as the group's quota lets", async () => {
    const groupId = await channel.createGroup("rice");
    await channel.createPhase(groupId, "one", "", 1);
    expect(await refusalOf(channel.createPhase(groupId, "two", "", 1))).toBe("QUOTA_EXCEEDED");
    await channel.createPhase(await channel.createGroup("tea"), "two", "", 1);
    expect(await refusalOf(channel.createPhase("1000000000000000", "two"))).toBe("PHASE_GROUP_UNKNOWN");
    const malformed = channel.submit(administrator, "createPhase", groupId, "two", "", "");
    expect(await refusalOf(malformed)).toBe("ARGUMENT_MALFORMED");
    expect(await channel.read(administrator, "resources")).toEqual({
      groups: [
        { groupId, name: "rice", phases: 1 },
        { groupId: expect.stringMatching(idForm), name: "tea", phases: 1 },
      ],
    });
  });

  it("have codes that differ", async () => {
    const codes = new Set<string>();
    for (let group = 0; group < 8; group++) {
      const groupId = await channel.createGroup(`group${group}`);
      for (let phase = 0; phase < 5; phase++) {
        const phaseId = await channel.createPhase(groupId, `phase${phase}`);
        await channel.upload({ groupId, phaseId }, { dataKey: "k", phaseData: "v" });
        codes.add((await channel.describe({ groupId, phaseId }, "k")).phaseCode);
      }
    }
    expect(codes.size).toBe(40);
  });
});

it("pages are refused that do not count from 1 or are too long", async () => {
  const groupId = await channel.createGroup("rice");
  for (const [page, size] of [
    ["0", "1"],
    ["1", "0"],
    ["1", "101"],
    ["", "1"],
    ["1", "x"],
  ]) {
    const args = [page ?? "", size ?? ""];
    expect(await refusalOf(channel.read(stranger, "groups", "", ...args))).toBe("PAGE_INVALID");
    expect(await refusalOf(channel.read(stranger, "phases", groupId, "", ...args))).toBe("PAGE_INVALID");
  }
});

it("a phase code has 4 of 0-9A-Z", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(textToPhaseCode(text)).toMatch(/^[0-9A-Z]{4}$/);
    }),
  );
});
