import { type AuditEntryJson, type AuditRefusalCode, auditEntryToText } from "@concordat/contracts";
import { expect, test } from "vitest";
import type { Trial } from "./contract-suite.ts";

const refusal = (code: AuditRefusalCode) => ({ refusal: code, message: expect.any(String) });
const idOf = (number: number) => number.toString(16).padStart(32, "0");

function entryText(number: number, changes: Partial<AuditEntryJson> = {}): string {
  return auditEntryToText({
    action: "iam:user:create",
    credentialId: "LTAI",
    credentialKind: "access-key",
    detail: { fields: ["name"], more: { b: 1, a: "\u{1f600}" } },
    entryId: idOf(number),
    occurrences: 1,
    outcome: "done",
    requestId: null,
    resourceId: "u",
    resourceKind: "user",
    sourceAddress: "192.0.2.1",
    tenantId: null,
    timeMs: 1_700_000_000_000,
    uid: "1000000000000001",
    ...changes,
  });
}

/** The audit contract from outside, in any home. */
export function auditSuite(trial: () => Trial): void {
  const refused = async (code: AuditRefusalCode, fn: string, ...args: string[]) =>
    expect(await trial().submit(fn, args), `${fn} ${args.join(" ")}`).toEqual(refusal(code));
  const text = async (id: string) => trial().evaluate("get", [id]);

  test("entries are written once, and told by the transaction that wrote them", async () => {
    const first = await trial().write("append", entryText(1), entryText(2));
    expect(JSON.parse(first.answer)).toEqual([first.txId, first.txId]);
    expect(await text(idOf(2))).toEqual({ answer: entryText(2) });
    const second = await trial().write("append", entryText(2), entryText(3));
    expect(JSON.parse(second.answer)).toEqual([first.txId, second.txId]);
    expect(await trial().read("find", idOf(1), idOf(2), idOf(3), idOf(4))).toEqual([
      first.txId,
      first.txId,
      second.txId,
      null,
    ]);
    expect(await text(idOf(4))).toEqual(refusal("ENTRY_UNKNOWN"));
  });

  test("an entry with other content is refused, and those beside it", async () => {
    await refused("ENTRY_DIFFERS", "append", entryText(5), entryText(1, { uid: null }));
    expect(await trial().read("find", idOf(5))).toEqual([null]);
    expect(await text(idOf(1))).toEqual({ answer: entryText(1) });
  });

  test("what is no entry in its one form is refused", async () => {
    const good = entryText(6);
    const parsed: Record<string, unknown> = JSON.parse(good);
    const { uid: _uid, ...lacking } = parsed;
    const wrong = [
      "",
      "[]",
      "no JSON",
      ` ${good}`,
      JSON.stringify(lacking),
      JSON.stringify({ ...parsed, zebra: 1 }),
      JSON.stringify({ zebra: 1, ...lacking }),
      JSON.stringify(Object.fromEntries(Object.entries(parsed).reverse())),
      good.replace('{"a":', '{"z":'),
      good.replace("\u{1f600}", "\\ud83d\\ude00"),
      ...(["entryId", "timeMs", "outcome", "detail", "action"] as const).map((name) =>
        JSON.stringify({ ...parsed, [name]: null }),
      ),
      entryText(6, { entryId: "6" }),
      entryText(6, { timeMs: 1.5 }),
      entryText(6, { detail: { long: "x".repeat(65_536) } }),
    ];
    for (const each of wrong) await refused("ENTRY_MALFORMED", "append", each);
    await refused("ENTRY_REPEATED", "append", good, good);
    await refused("ENTRIES_MISCOUNTED", "append");
    await refused("ENTRIES_MISCOUNTED", "find", ...Array.from({ length: 201 }, (_, index) => idOf(index)));
    await refused("ENTRY_ID_MALFORMED", "find", idOf(1), "1");
    await refused("ENTRY_ID_MALFORMED", "get");
    expect(await trial().submit("append", [good], trial().world.nobody)).toEqual(refusal("ACCESS_DENIED"));
    expect(await trial().read("find", idOf(6))).toEqual([null]);
  });
}
