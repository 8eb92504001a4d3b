import { createHash } from "node:crypto";
import { type EvidenceRefusalCode, evidenceRefusals } from "@concordat/contracts";
import { expect, test } from "vitest";
import type { Outcome } from "./contract-homes.ts";
import { PRINCIPAL_UID } from "./contract-homes.ts";
import type { Trial } from "./contract-suite.ts";

const keyOf = (id: string) => `0001_u3RNZsjruFCsSGUV_4R98_${id}`;
const refusal = (code: EvidenceRefusalCode): Outcome => ({ refusal: code, message: evidenceRefusals[code] });
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const givenId = "ab".repeat(32);
const thermometer = { deviceId: "2122232425262728292A2B2C", productKey: "a1B2c3D4e5F" };
const deviceWith = (code: string) => {
  const { deviceId: iotId, productKey } = thermometer;
  return JSON.stringify({ iotId, productKey, source: "1", code });
};

interface Written {
  readonly txId: string;
  readonly timeMs: number;
}

function record(id: string, sequence: number, value: string, { txId, timeMs }: Written, parts: object = {}) {
  return {
    key: keyOf(id),
    sequence,
    value,
    digest: sha256(value),
    businessId: expect.stringMatching(/^[0-9]{16}$/),
    dataTypeCode: "4R98",
    writerUid: PRINCIPAL_UID,
    deviceId: "",
    productKey: "",
    txId,
    timestampMs: timeMs,
    ...parts,
  };
}

/** The evidence contract from outside, in any home. */
export function evidenceSuite(trial: () => Trial): void {
  const refused = async (code: EvidenceRefusalCode, fn: string, ...args: string[]) =>
    expect(await trial().submit(fn, args), `${fn} ${args.join(" ")}`).toEqual(refusal(code));

  test("set once, with writer, device, transaction and time of the home", async () => {
    const written = await trial().write("set", keyOf("one"), "21.5 \u00b0C \u{1f600}", deviceWith("code-1"));
    expect(written.answer).toBe("");
    const expected = record("one", 1, "21.5 \u00b0C \u{1f600}", written, thermometer);
    expect(await trial().read("get", keyOf("one"), "")).toEqual(expected);
    await refused("KEY_EXISTS", "set", keyOf("one"), "22", "");
    expect(await trial().read("get", keyOf("one"), "")).toEqual(expected);
  });

  test("refusals keep their codes and leave nothing", async () => {
    await refused("EVIDENCE_KEY_MALFORMED", "set", "0001_short_4R98_x", "1", "");
    await refused("EVIDENCE_KEY_MALFORMED", "set");
    await refused("VALUE_EMPTY", "set", keyOf("bad"), "", "");
    await refused("VALUE_TOO_LONG", "set", keyOf("bad"), "\u00e9".repeat(129), "");
    await refused("DEVICE_MALFORMED", "set", keyOf("bad"), "1", "no JSON");
    expect(await trial().submit("set", [keyOf("bad"), "1", ""], trial().world.nobody)).toEqual(
      refusal("ACCESS_DENIED"),
    );
    expect(await trial().evaluate("get", [keyOf("bad"), ""])).toEqual(refusal("EVIDENCE_UNKNOWN"));
  });

  test("attach: in order, business ids given or assigned, each once", async () => {
    const first = await trial().write("attach", keyOf("many"), "1", "", "");
    const second = await trial().write("attach", keyOf("many"), "2", givenId, deviceWith("code-2"));
    const third = await trial().write("attach", keyOf("many"), "3", "", "");
    expect(JSON.parse(second.answer)).toEqual({ sequence: 2, businessId: givenId });
    const { sequence, businessId } = JSON.parse(third.answer);
    expect(sequence).toBe(3);
    await refused("BUSINESS_ID_EXISTS", "attach", keyOf("many"), "4", givenId, "");
    await refused("BUSINESS_ID_MALFORMED", "attach", keyOf("many"), "4", "1234", "");
    await refused("VALUE_EMPTY", "attach", keyOf("many"), "", "", "");

    const last = record("many", 3, "3", third, { businessId });
    expect(await trial().read("get", keyOf("many"), "")).toEqual(last);
    expect(await trial().read("get", keyOf("many"), businessId)).toEqual(last);
    const middle = record("many", 2, "2", second, { businessId: givenId, ...thermometer });
    expect(await trial().read("get", keyOf("many"), givenId)).toEqual(middle);
    const { businessId: firstId } = JSON.parse(first.answer);
    expect(await trial().read("get", keyOf("many"), firstId)).toEqual(
      record("many", 1, "1", first, { businessId: firstId }),
    );
    expect(await trial().evaluate("get", [keyOf("many"), "cd".repeat(32)])).toEqual(refusal("EVIDENCE_UNKNOWN"));
  });

  test("a batch: all or nothing", async () => {
    const batch = (...ids: string[]) =>
      JSON.stringify(
        ids.map((id) => ({ key: keyOf(id), value: `value of ${id}` })),
        undefined,
        1,
      );
    const written = await trial().write("setBatch", keyOf("outer"), batch("b1", "b2"));
    expect(await trial().read("get", keyOf("b2"), "")).toEqual(record("b2", 1, "value of b2", written));
    expect(await trial().read("get", keyOf("outer"), "")).toEqual(record("outer", 1, batch("b1", "b2"), written));
    await refused("BATCH_KEY_EXISTS", "setBatch", keyOf("outer2"), batch("b3", "b1"));
    await refused("KEY_EXISTS", "setBatch", keyOf("outer"), batch("b3"));
    await refused("BATCH_KEY_REPEATED", "setBatch", keyOf("outer2"), batch("b3", "b3"));
    await refused("VALUE_MALFORMED", "setBatch", keyOf("outer2"), "[1]");
    for (const id of ["outer2", "b3"]) {
      expect(await trial().evaluate("get", [keyOf(id), ""])).toEqual(refusal("EVIDENCE_UNKNOWN"));
    }
  });

  test("history and count by window and page", async () => {
    const key = keyOf("row");
    const written: Written[] = [];
    for (let value = 1; value <= 7; value += 1)
      written.push(await trial().write("attach", key, `value ${value}`, "", ""));
    const timeOf = (sequence: number) => String(written[sequence - 1]?.timeMs);
    const answered = async (...args: string[]) => {
      const page = (await trial().read("history", key, ...args)) as { total: number; records: { sequence: number }[] };
      return [page.total, ...page.records.map(({ sequence }) => sequence)];
    };
    expect(await answered("", "", "1", "3")).toEqual([7, 7, 6, 5]);
    expect(await answered("", "", "3", "3")).toEqual([7, 1]);
    expect(await answered("", "", "4", "3")).toEqual([7]);
    expect(await answered(timeOf(2), timeOf(5), "1", "3")).toEqual([4, 5, 4, 3]);
    expect(await answered(timeOf(2), timeOf(5), "2", "3")).toEqual([4, 2]);
    expect(await trial().read("count", key, "", "")).toBe(7);
    expect(await trial().read("count", key, timeOf(2), timeOf(5))).toBe(4);
    expect(await trial().read("count", key, String(Number(timeOf(7)) + 1), String(Number(timeOf(7)) + 2))).toBe(0);
    expect(await trial().read("count", keyOf("none"), "", "")).toBe(0);
    await refused("PAGE_INVALID", "history", key, "", "", "0", "3");
    await refused("WINDOW_INVALID", "history", key, timeOf(2), timeOf(1), "1", "3");
  });

  test("look-up by digest, over several answers of an iterator", async () => {
    const found: object[] = [];
    for (const id of ["s1", "s2", "s3", "s4"])
      found.push(record(id, 1, "same", await trial().write("set", keyOf(id), "same", "")));
    found.splice(1, 0, record("s1", 2, "same", await trial().write("attach", keyOf("s1"), "same", "", "")));
    expect(await trial().read("findByDigest", sha256("same").toUpperCase())).toEqual(found);
    expect(await trial().read("findByDigest", sha256("other"))).toEqual([]);
    expect(await trial().evaluate("findByDigest", ["12"])).toEqual(refusal("DIGEST_MALFORMED"));
  });

  test("look-up by digest stops at 100 records", async () => {
    const items = (from: number) =>
      JSON.stringify(Array.from({ length: 50 }, (_, index) => ({ key: keyOf(`h${from + index}`), value: "hundred" })));
    for (const from of [100, 150, 200]) await trial().write("setBatch", keyOf(`h-batch-${from}`), items(from));
    const found = (await trial().read("findByDigest", sha256("hundred"))) as { key: string }[];
    expect(found).toHaveLength(100);
    expect(found.at(-1)?.key).toBe(keyOf("h199"));
  });

  test("devices: listed by what they have uploaded, each code once", async () => {
    const items = JSON.stringify([{ key: keyOf("d-item"), value: "1" }]);
    const last = await trial().write("setBatch", keyOf("d-batch"), items, deviceWith("code-3"));
    expect(await trial().read("get", keyOf("d-item"), "")).toEqual(record("d-item", 1, "1", last, thermometer));
    for (const code of ["code-1", "code-2", "code-3"]) {
      await refused("DEVICE_SIGNATURE_REFUSED", "set", keyOf("d-again"), "1", deviceWith(code));
    }
    const { deviceId: iotId, productKey } = thermometer;
    const page = (await trial().read("devices", productKey, "", "1", "10")) as { devices: { deviceId: string }[] };
    const device = { iotId, firstMs: expect.any(Number), lastMs: last.timeMs, uploads: 3 };
    expect(page).toEqual({ total: 1, devices: [{ deviceId: expect.stringMatching(/^[1-9][0-9]{15}$/), ...device }] });
    expect(await trial().read("device", productKey, page.devices[0]?.deviceId ?? "")).toEqual(page.devices[0]);
    expect(await trial().read("devices", "another", "", "1", "10")).toEqual({ total: 0, devices: [] });
    expect(await trial().evaluate("device", [productKey, "1"])).toEqual(refusal("DEVICE_UNKNOWN"));
  });
}
