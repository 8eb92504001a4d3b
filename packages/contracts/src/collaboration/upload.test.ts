import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { refusalOf } from "../testing/calling-channel.ts";
import {
  administrator,
  type CollaborationChannel,
  member,
  openCollaboration,
  type Place,
  stranger,
} from "../testing/collaboration-channel.ts";
import type { PhaseItemJson, RelatedItemJson } from "./answers.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const item = (dataKey: string, phaseData = "v", dataSeq = ""): PhaseItemJson => {
  return { dataKey, phaseData, ...(dataSeq === "" ? {} : { dataSeq }) };
};
let channel: CollaborationChannel;
let growing: Place;
let milling: Place;

beforeEach(async () => {
  channel = await openCollaboration();
  const groupId = await channel.createGroup("rice");
  growing = { groupId, phaseId: await channel.createPhase(groupId, "growing") };
  milling = { groupId, phaseId: await channel.createPhase(groupId, "milling") };
});

/** A call that is refused and changes nothing. */
async function refused(work: () => Promise<unknown>): Promise<string> {
  const before = channel.channel.dump();
  const code = await refusalOf(work());
  expect(channel.channel.dump()).toEqual(before);
  return code;
}

describe("single uploads", () => {
  it("read back as they were written", async () => {
    expect(await channel.upload(growing, item("k", "稻 1", "s"))).toEqual({ dataKey: "k", dataSeq: "s" });
    expect(await channel.describe(growing, "k", "s")).toEqual({
      ...growing,
      phaseName: "growing",
      phaseCode: expect.stringMatching(/^[0-9A-Z]{4}$/),
      dataKey: "k",
      dataSeq: "s",
      kind: "text",
      value: "稻 1",
      digest: sha256("稻 1"),
      writerUid: administrator,
      iotId: "",
      productKey: "",
      txId: channel.txId,
      timestampMs: channel.timeMs,
      related: [],
    });
  });

  it("of a digest keep it as given, and compare it in lower case", async () => {
    const digest = sha256("data").toUpperCase();
    await channel.upload(growing, item("k", digest), { kind: "digest" });
    expect(await channel.describe(growing, "k")).toMatchObject({
      kind: "digest",
      value: digest,
      digest: sha256("data"),
    });
  });

  it("without a sequence get the SHA-256 of transaction and item", async () => {
    const { dataSeq } = await channel.upload(growing, item("k"));
    expect(dataSeq).toBe(sha256(`${channel.txId}:0`));
    expect(await channel.describe(growing, "k", dataSeq)).toMatchObject({ dataSeq });
    const batch = await channel.uploadBatch(growing, [item("k"), item("other", "v", "s"), item("k")]);
    expect(batch).toEqual([
      { dataKey: "k", dataSeq: sha256(`${channel.txId}:0`) },
      { dataKey: "other", dataSeq: "s" },
      { dataKey: "k", dataSeq: sha256(`${channel.txId}:2`) },
    ]);
    expect(await refused(() => channel.upload(growing, item("k", "v", dataSeq)))).toBe("KEY_EXISTS");
    for (const each of batch) {
      expect(await channel.describe(growing, each.dataKey, each.dataSeq)).toMatchObject(each);
      expect(await refused(() => channel.upload(growing, item(each.dataKey, "v", each.dataSeq)))).toBe("KEY_EXISTS");
    }
  });

  it("may stand under one key with different sequences, and in other phases with the same", async () => {
    await channel.upload(growing, item("k", "1", "a"));
    await channel.upload(growing, item("k", "2", "b"));
    await channel.upload(milling, item("k", "3", "a"));
    expect(await channel.describe(growing, "k")).toMatchObject({ value: "2" });
    expect(await channel.describe(growing, "k", "a")).toMatchObject({ value: "1" });
    expect(await channel.describe(milling, "k", "a")).toMatchObject({ value: "3" });
    for (const dataSeq of ["a", "b"]) {
      expect(await refused(() => channel.upload(growing, item("k", "4", dataSeq)))).toBe("KEY_EXISTS");
    }
  });

  it("keep a key with one record to one row", async () => {
    const before = new Set(channel.channel.dump().map(([key]) => key));
    await channel.upload(growing, item("k", "1", "a"));
    expect(channel.channel.dump().flatMap(([key]) => (before.has(key) ? [] : [key]))).toEqual([`${growing.phaseId}_k`]);
  });

  it("never set the time of a key back", async () => {
    await channel.upload(growing, item("k", "1", "a"));
    const { timeMs } = channel;
    channel.timeMs -= 5;
    await channel.upload(growing, item("k", "2", "b"));
    expect(await channel.describe(growing, "k", "b")).toMatchObject({ timestampMs: timeMs });
  });

  it("are refused without the right, the phase or the group", async () => {
    for (const uid of [member, stranger, ""]) {
      expect(await refused(() => channel.upload(growing, item("k"), { uid }))).toBe("ACCESS_DENIED");
    }
    const tea = await channel.createGroup("tea");
    for (const phaseId of ["1000000000000000", "", "x", tea]) {
      expect(await refused(() => channel.upload({ ...growing, phaseId }, item("k")))).toBe("PHASE_UNKNOWN");
    }
    expect(await refused(() => channel.upload({ ...growing, groupId: tea }, item("k")))).toBe("PHASE_UNKNOWN");
    for (const groupId of ["1000000000000000", "", growing.phaseId]) {
      expect(await refused(() => channel.upload({ ...growing, groupId }, item("k")))).toBe("PHASE_GROUP_UNKNOWN");
    }
  });

  it("are refused in a wrong form", async () => {
    const raw = (fn: string, ...args: readonly string[]) =>
      refused(() => channel.submit(administrator, fn, growing.groupId, growing.phaseId, ...args));
    for (const fn of ["uploadText", "uploadDigest", "uploadTextBatch", "uploadDigestBatch"]) {
      expect(await raw(fn, "no JSON", "")).toBe("PHASE_DATA_LIST_INVALID");
      expect(await raw(fn)).toBe("PHASE_DATA_LIST_INVALID");
    }
    expect(await raw("uploadText", JSON.stringify(item("k")), "{}")).toBe("DEVICE_MALFORMED");
    expect(await raw("uploadText", JSON.stringify(item("k", "x".repeat(4097))), "")).toBe("VALUE_TOO_LONG");
    expect(await raw("uploadDigest", JSON.stringify(item("k", "x")), "")).toBe("PHASE_DIGEST_MALFORMED");
  });
});

describe("batches", () => {
  it("are written whole or not at all", async () => {
    await channel.upload(growing, item("old", "v", "s"));
    const batch = (...items: readonly PhaseItemJson[]) => refused(() => channel.uploadBatch(growing, items));
    expect(await batch(item("new"), item("old", "w", "s"))).toBe("BATCH_KEY_EXISTS");
    expect(await batch(item("new", "1", "s"), item("new", "2", "s"))).toBe("BATCH_KEY_REPEATED");
    expect(await batch(item("new"), item("k", "x".repeat(4097)))).toBe("BATCH_VALUE_TOO_LONG");
    expect(await batch()).toBe("PHASE_DATA_LIST_INVALID");
    expect(await batch(...Array.from({ length: 51 }, (_, index) => item(`k${index}`)))).toBe("BATCH_TOO_LARGE");
    await channel.uploadBatch(growing, [item("old", "w", "t"), ...Array.from({ length: 49 }, () => item("new"))]);
    expect(await channel.describe(growing, "old")).toMatchObject({ value: "w" });
  });

  it("refuse a sequence that another item of theirs is given by the contract", async () => {
    // Who chooses a transaction's nonce knows its id beforehand.
    const items = [item("k"), item("k", "v", sha256(`${channel.nextTxId}:0`))];
    expect(await refused(() => channel.uploadBatch(growing, items))).toBe("BATCH_KEY_REPEATED");
  });
});

describe("related data", () => {
  const related = (place: Place, dataKey: string, phaseData: string, dataSeq = ""): RelatedItemJson => {
    return { phaseId: place.phaseId, dataKey, phaseData, ...(dataSeq === "" ? {} : { dataSeq }) };
  };
  const uploading = (...list: readonly RelatedItemJson[]) =>
    channel.upload(milling, { ...item("flour"), related: list });

  it("is resolved to a record, with the phase's present name and the hash", async () => {
    await channel.upload(growing, item("k", "old", "a"));
    const { dataSeq } = await channel.upload(growing, item("k", "new"));
    await uploading(related(growing, "k", "new"), related(growing, "k", "old", "a"));
    await channel.submit(administrator, "modifyPhase", growing.phaseId, "planting", "");
    const { phaseCode } = await channel.describe(growing, "k");
    const place = { phaseId: growing.phaseId, phaseName: "planting", phaseCode, dataKey: "k" };
    expect((await channel.describe(milling, "flour")).related).toEqual([
      { ...place, dataSeq, digest: sha256("new") },
      { ...place, dataSeq: "a", digest: sha256("old") },
    ]);
    await channel.upload(growing, item("k", "newest"));
    expect((await channel.describe(milling, "flour")).related[0]).toMatchObject({ dataSeq });
  });

  it("of a digest record is the digest or what hashes to it; of a text the text alone", async () => {
    await channel.upload(growing, item("d", sha256("data").toUpperCase()), { kind: "digest" });
    await channel.upload(growing, item("t", "text"));
    for (const given of ["data", sha256("data"), sha256("data").toUpperCase()]) {
      await channel.upload(milling, { ...item("flour"), related: [related(growing, "d", given)] });
    }
    expect((await channel.describe(milling, "flour")).related).toMatchObject([{ digest: sha256("data") }]);
    expect(await refused(() => uploading(related(growing, "d", "other")))).toBe("RELATED_DATA_REFUSED");
    expect(await refused(() => uploading(related(growing, "t", sha256("text"))))).toBe("RELATED_DATA_REFUSED");
  });

  it("may name the code of its phase, which must be the right one", async () => {
    await channel.upload(growing, item("k", "v", "a"));
    const { phaseCode } = await channel.describe(growing, "k");
    await uploading({ ...related(growing, "k", "v"), phaseCode });
    expect((await channel.describe(milling, "flour")).related).toMatchObject([{ phaseCode, dataKey: "k" }]);
    for (const wrong of ["", "0000", phaseCode.toLowerCase().padEnd(5, "0")]) {
      const work = () => uploading({ ...related(growing, "k", "v"), phaseCode: wrong });
      expect(await refused(work)).toBe("RELATED_DATA_REFUSED");
    }
  });

  it("is refused when it is not on chain, other data, or of another group", async () => {
    await channel.upload(growing, item("k", "v", "a"));
    const tea = await channel.createGroup("tea");
    const picking = { groupId: tea, phaseId: await channel.createPhase(tea, "picking") };
    await channel.upload(picking, item("k", "v", "a"));
    const wrong = [
      related(growing, "k", "w"),
      related(growing, "k", ""),
      related(growing, "k", "v", "b"),
      related(growing, "absent", "v"),
      related(milling, "k", "v"),
      related(picking, "k", "v"),
      related({ ...growing, phaseId: "1000000000000000" }, "k", "v"),
      related({ ...growing, phaseId: "" }, "k", "v"),
      related(milling, "flour", "v"),
    ];
    for (const each of wrong) {
      expect(await refused(() => uploading(each)), JSON.stringify(each)).toBe("RELATED_DATA_REFUSED");
    }
    expect(await refused(() => uploading(related(growing, "k", "v"), related(growing, "k", "w")))).toBe(
      "RELATED_DATA_REFUSED",
    );
    await uploading(related(growing, "k", "v", "a"));
  });

  it("may be an earlier item of the same batch, which is newer than what is on chain", async () => {
    await channel.upload(growing, item("k", "on chain", "a"));
    const [, , third] = await channel.uploadBatch(growing, [
      item("k", "in batch", "b"),
      { ...item("k", "refers to it", "c"), related: [related(growing, "k", "in batch")] },
      { ...item("fresh"), related: [related(growing, "k", "refers to it"), related(growing, "k", "on chain", "a")] },
    ]);
    expect((await channel.describe(growing, "k", "c")).related).toMatchObject([
      { dataSeq: "b", digest: sha256("in batch") },
    ]);
    expect((await channel.describe(growing, "fresh", third?.dataSeq)).related).toMatchObject([
      { dataSeq: "c" },
      { dataSeq: "a" },
    ]);
    const later = [{ ...item("x"), related: [related(growing, "y", "v")] }, item("y")];
    expect(await refused(() => channel.uploadBatch(growing, later))).toBe("RELATED_DATA_REFUSED");
    const itself = [{ ...item("x"), related: [related(growing, "x", "v")] }];
    expect(await refused(() => channel.uploadBatch(growing, itself))).toBe("RELATED_DATA_REFUSED");
  });
});

describe("devices", () => {
  const deviceJson = (code: string) => JSON.stringify({ iotId: "ID2ID2", productKey: "pk", source: "1", code });

  it("stand in each record of their upload, and upload with a code once", async () => {
    await channel.upload(growing, item("k"), { deviceJson: deviceJson("1") });
    await channel.uploadBatch(growing, [item("k"), item("l")], { deviceJson: deviceJson("2") });
    for (const key of ["k", "l"]) {
      expect(await channel.describe(growing, key)).toMatchObject({ iotId: "ID2ID2", productKey: "pk" });
    }
    expect(await channel.read(stranger, "devices", "pk", "", "1", "1")).toMatchObject({
      total: 1,
      devices: [{ iotId: "ID2ID2", uploads: 2 }],
    });
    const again = { deviceJson: deviceJson("1") };
    expect(await refused(() => channel.upload(milling, item("m"), again))).toBe("DEVICE_SIGNATURE_REFUSED");
    expect(await refused(() => channel.uploadBatch(milling, [item("m")], again))).toBe("DEVICE_SIGNATURE_REFUSED");
    const rows = channel.channel.dump().map(([, value]) => Buffer.from(value, "hex").toString());
    expect(rows.some((row) => row.includes('"device":"ID2ID2","product":"pk","source":"1","code":"2"'))).toBe(true);
  });
});
