import { createHash } from "node:crypto";
import type {
  CollaborationHistoryJson,
  CollaborationRecordJson,
  CollaborationRefusalCode,
  PhaseItemJson,
  ProvenanceJson,
  RelatedItemJson,
} from "@concordat/contracts";
import { expect, test } from "vitest";
import { type Kept, type Outcome, PRINCIPAL_UID } from "./contract-homes.ts";
import type { Trial } from "./contract-suite.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const memberUid = "2000000000000002";
const heirUid = "3000000000000003";
const idForm = /^[1-9][0-9]{15}$/;
const item = (dataKey: string, phaseData: string, dataSeq?: string, related?: readonly RelatedItemJson[]) => {
  const given: PhaseItemJson = {
    dataKey,
    phaseData,
    ...(dataSeq === undefined ? {} : { dataSeq }),
    ...(related === undefined ? {} : { related }),
  };
  return given;
};
const deviceWith = (code: string) =>
  JSON.stringify({ iotId: "2122232425262728292A2B2C", productKey: "a1B2c3D4e5F", source: "2", code });

/** The collaboration contract from outside, in any home. */
export function collaborationSuite(trial: () => Trial): void {
  let rice = "";
  let growing = "";
  let milling = "";

  const coded = async (outcome: Promise<Outcome>, code: CollaborationRefusalCode) =>
    expect(await outcome).toEqual({ refusal: code, message: expect.any(String) });
  const refused = (code: CollaborationRefusalCode, fn: string, ...args: string[]) =>
    coded(trial().submit(fn, args), code);
  const idOf = ({ answer }: Kept, name: string): string => JSON.parse(answer)[name];
  const upload = (phaseId: string, given: PhaseItemJson, device = "") =>
    trial().write("uploadText", rice, phaseId, JSON.stringify(given), device);
  const described = async (phaseId: string, dataKey: string, dataSeq = "") =>
    (await trial().read("describe", rice, phaseId, dataKey, dataSeq)) as CollaborationRecordJson;

  test("the first caller that opens it administers it", async () => {
    await refused("ACCESS_DENIED", "createGroup", "rice", "", "200");
    expect((await trial().write("open")).writes).toHaveLength(1);
    expect((await trial().write("open")).writes).toHaveLength(0);
    await coded(trial().submit("open", [], trial().world.nobody), "ACCESS_DENIED");
  });

  test("groups and phases", async () => {
    rice = idOf(await trial().write("createGroup", "大米", "a remark", "2"), "groupId");
    const tea = idOf(await trial().write("createGroup", "tea", "", "2"), "groupId");
    await refused("QUOTA_EXCEEDED", "createGroup", "oil", "", "2");
    await trial().write("modifyGroup", rice, "rice", "");
    expect(await trial().read("groups", "", "1", "10")).toEqual({
      total: 2,
      groups: [
        { groupId: rice, name: "rice", remark: "a remark" },
        { groupId: tea, name: "tea", remark: "" },
      ],
    });
    growing = idOf(await trial().write("createPhase", rice, "growing", "", "2"), "phaseId");
    milling = idOf(await trial().write("createPhase", rice, "milling", "by stone", "2"), "phaseId");
    for (const id of [rice, tea, growing, milling]) expect(id).toMatch(idForm);
    await refused("NAME_EXISTS", "createPhase", rice, "growing", "", "5");
    await refused("QUOTA_EXCEEDED", "createPhase", rice, "selling", "", "2");
    await refused("NAME_INVALID", "modifyPhase", milling, "x", "");
    expect(await trial().read("phases", rice, "", "1", "10")).toEqual({
      total: 2,
      phases: [
        { phaseId: growing, name: "growing", remark: "", writable: true },
        { phaseId: milling, name: "milling", remark: "by stone", writable: true },
      ],
    });
    expect(await trial().read("resources")).toMatchObject({ groups: [{ phases: 2 }, { phases: 0 }] });
  });

  test("rights are given, replaced and moved", async () => {
    await trial().write("grant", rice, memberUid, JSON.stringify([growing, milling]));
    const replaced = await trial().write("grant", rice, memberUid, JSON.stringify([milling]));
    expect(replaced.writes).toMatchObject([{ value: null }]);
    const authorized = async (uid: string) =>
      ((await trial().read("grants", rice, uid)) as { authorized: readonly object[] }).authorized;
    expect(await authorized(memberUid)).toEqual([{ phaseId: milling, name: "milling" }]);
    await trial().write("moveGrants", memberUid, heirUid);
    expect(await authorized(memberUid)).toEqual([]);
    expect(await authorized(heirUid)).toEqual([{ phaseId: milling, name: "milling" }]);
    expect((await trial().write("moveGrants", memberUid, heirUid)).writes).toEqual([]);
    await refused("PHASE_LIST_INVALID", "grant", rice, memberUid, JSON.stringify([rice]));
  });

  test("an upload, with writer, device, transaction and time of the home", async () => {
    const written = await upload(growing, item("k", "21.5 °C \u{1f600}"), deviceWith("1"));
    expect(JSON.parse(written.answer)).toEqual([{ dataKey: "k", dataSeq: sha256(`${written.txId}:0`) }]);
    expect(await described(growing, "k")).toEqual({
      groupId: rice,
      phaseId: growing,
      phaseName: "growing",
      phaseCode: expect.stringMatching(/^[0-9A-Z]{4}$/),
      dataKey: "k",
      dataSeq: sha256(`${written.txId}:0`),
      kind: "text",
      value: "21.5 °C \u{1f600}",
      digest: sha256("21.5 °C \u{1f600}"),
      writerUid: PRINCIPAL_UID,
      iotId: "2122232425262728292A2B2C",
      productKey: "a1B2c3D4e5F",
      txId: written.txId,
      timestampMs: written.timeMs,
      related: [],
    });
    const one = JSON.stringify(item("l", "v"));
    await refused("DEVICE_SIGNATURE_REFUSED", "uploadText", rice, growing, one, deviceWith("1"));
    await coded(trial().submit("uploadText", [rice, growing, one, ""], trial().world.nobody), "ACCESS_DENIED");
    await refused("PHASE_UNKNOWN", "uploadText", rice, rice, one, "");
    await refused("PHASE_GROUP_UNKNOWN", "uploadText", growing, growing, one, "");
    await refused("VALUE_TOO_LONG", "uploadText", rice, growing, JSON.stringify(item("l", "稻".repeat(2049))), "");
  });

  test("batches, digests, and what they relate to", async () => {
    const before = await described(growing, "k");
    const items = [
      item("k", "second", "s2"),
      item("k", "third", "s3", [{ phaseId: growing, dataKey: "k", phaseData: "second" }]),
      item("l", "1", undefined, [{ phaseId: growing, dataKey: "k", phaseData: before.value, dataSeq: before.dataSeq }]),
    ];
    await trial().write("uploadTextBatch", rice, growing, JSON.stringify(items), deviceWith("2"));
    expect((await described(growing, "k", "s3")).related).toMatchObject([{ dataSeq: "s2", digest: sha256("second") }]);
    expect((await described(growing, "l")).related).toMatchObject([{ dataSeq: before.dataSeq }]);
    const digests = [item("flour", sha256("sack"), "1", [{ phaseId: growing, dataKey: "k", phaseData: "third" }])];
    await trial().write("uploadDigestBatch", rice, milling, JSON.stringify(digests), "");
    const ofSack = [{ phaseId: milling, dataKey: "flour", phaseData: "sack" }];
    await trial().write("uploadDigest", rice, milling, JSON.stringify(item("loaf", sha256("loaf"), "1", ofSack)), "");
    expect(await described(milling, "loaf")).toMatchObject({ kind: "digest", digest: sha256("loaf") });
    const batch = (...given: readonly PhaseItemJson[]) => JSON.stringify(given);
    await refused(
      "BATCH_KEY_EXISTS",
      "uploadTextBatch",
      rice,
      growing,
      batch(item("new", "v"), item("k", "v", "s3")),
      "",
    );
    await refused(
      "BATCH_KEY_REPEATED",
      "uploadTextBatch",
      rice,
      growing,
      batch(item("a", "1", "s"), item("a", "2", "s")),
      "",
    );
    const wrong = item("a", "1", "s", [{ phaseId: growing, dataKey: "k", phaseData: "no such" }]);
    await refused("RELATED_DATA_REFUSED", "uploadText", rice, milling, JSON.stringify(wrong), "");
    for (const name of ["new", "a"]) {
      await coded(trial().evaluate("describe", [rice, growing, name, ""]), "PHASE_DATA_UNKNOWN");
    }
  });

  test("history by window and page, provenance, devices", async () => {
    const history = async (...args: string[]) => {
      const { total, records } = (await trial().read(
        "history",
        rice,
        growing,
        "k",
        ...args,
      )) as CollaborationHistoryJson;
      return [total, ...records.map(({ value }) => value)];
    };
    const first = "21.5 °C \u{1f600}";
    const oldest = (await described(growing, "k", "s2")).timestampMs - 1;
    expect(await history("0", "99999999999999", "1", "2")).toEqual([3, "third", "second"]);
    expect(await history("0", "99999999999999", "2", "2")).toEqual([3, first]);
    expect(await history("0", String(oldest), "1", "2")).toEqual([1, first]);
    await coded(trial().evaluate("history", [rice, growing, "k", "2", "1", "1", "2"]), "WINDOW_INVALID");
    const provenance = async (limit: string) => {
      const { complete, records } = (await trial().read(
        "provenance",
        rice,
        milling,
        "loaf",
        "",
        limit,
      )) as ProvenanceJson;
      return [complete, ...records.map(({ dataKey, dataSeq }) => `${dataKey} ${dataSeq}`)];
    };
    expect(await provenance("10")).toEqual([true, "loaf 1", "flour 1", "k s3", "k s2"]);
    expect(await provenance("3")).toEqual([false, "loaf 1", "flour 1", "k s3"]);
    expect(await trial().read("devices", "a1B2c3D4e5F", "", "1", "10")).toMatchObject({
      total: 1,
      devices: [{ uploads: 2 }],
    });
    await coded(trial().evaluate("device", ["a1B2c3D4e5F", "1"]), "DEVICE_UNKNOWN");
  });
}
