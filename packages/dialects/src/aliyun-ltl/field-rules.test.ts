import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refuseWith } from "../testing/fake-platform.ts";
import { commonFields, createLtlHarness, exampleFields, type Fields, signedGet } from "../testing/ltl-harness.ts";
import { routes } from "./routes/table.ts";

/** The document's rules for the parameters of members, devices and signed evidence. */
const harness = createLtlHarness();
beforeAll(() => harness.server.ready());
afterAll(() => harness.server.close());

type Action = keyof typeof routes;

async function codeOf(action: Action, changes: Readonly<Record<string, string | undefined>>): Promise<unknown> {
  const fields = { ...commonFields(action), ...exampleFields(action), ...changes };
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const response = await signedGet(harness.server, Object.fromEntries(given) satisfies Fields);
  const { Code } = response.json();
  expect(response.statusCode).toBe(typeof Code === "number" ? 200 : 400);
  return Code;
}

const details: readonly Action[] = ["CreateMember", "ModifyMember"];
const group: readonly Action[] = ["RegisterDeviceGroup"];
const pages: readonly Action[] = ["ListMember", "ListDeviceGroup", "ListDevice", "ListPSMemberDataTypeCode"];
const onChain = (Object.keys(routes) as Action[]).filter((action) => {
  const wire: Readonly<Record<string, { readonly name: string }>> = routes[action].wire;
  return wire["bizChainId"]?.name === "BizChainId" && !action.includes("MPCoS");
});

const longest = "字".repeat(30);
/** Two UTF-16 units, one character. */
const rare = "\u{20000}";

const bad: readonly (readonly [name: string, actions: readonly Action[], values: readonly string[]])[] = [
  ["MemberName", details, ["", "字", `${longest}字`, "a b", "a/b", "a\u0000b", "emoji\u{1F600}"]],
  ["MemberContact", details, ["", "字", rare, `${longest}字`, "a,b"]],
  ["DeviceGroupName", group, ["", "字", `${longest}字`, "a+b"]],
  ["MemberPhone", details, ["", "1".repeat(21), "+86 138", "１３８", "phone"]],
  ["MemberUid", details, ["", "uid", "-1", "1".repeat(21), "１"]],
  ["MemberUid", ["ListMember", "ListPSMemberDataTypeCode"], ["uid", "1 "]],
  ["Remark", [...details, ...group], ["字".repeat(101), rare.repeat(101)]],
  ["MemberId", ["ModifyMember", "LockMember", "UnLockMember"], ["", "1", "1".repeat(17), "x".repeat(16)]],
  [
    "DeviceGroupId",
    ["AuthorizeDeviceGroup", "UnAuthorizeDeviceGroup", "ListDevice", "AuthorizeDevice", "UnAuthorizeDevice"],
    ["", "1", "1".repeat(17)],
  ],
  ["DeviceId", ["AuthorizeDevice", "UnAuthorizeDevice"], ["", "1", "1".repeat(17)]],
  ["BizChainId", onChain, ["", "1", "１".repeat(16), `${"1".repeat(16)}\n`]],
  ["AuthorizeType", group, ["", "id2", "ID"]],
  ["Num", pages, ["0", "-1", "1.0", "", "x"]],
  ["Size", pages, ["0", "101", "", "1e1"]],
  ["BusinessId", ["AttachDataWithSignature"], ["x".repeat(64), "a".repeat(63)]],
];

describe("a parameter that is not of its form", () => {
  it.each(bad.flatMap(([name, actions, values]) => actions.map((action) => ({ name, action, values }))))(
    "$action: InvalidParameter.$name",
    async ({ name, action, values }) => {
      const callsBefore = harness.platform.calls.length;
      for (const value of values) {
        expect(await codeOf(action, { [name]: value }), JSON.stringify(value)).toBe(`InvalidParameter.${name}`);
      }
      expect(harness.platform.calls).toHaveLength(callsBefore);
    },
  );
});

const good: readonly (readonly [name: string, actions: readonly Action[], values: readonly string[]])[] = [
  ["MemberName", details, ["ab", longest, rare.repeat(30), "某公司(1)_a-b.c", "１２"]],
  ["MemberContact", details, ["ab", longest]],
  ["DeviceGroupName", group, ["ab", longest]],
  ["MemberPhone", details, ["1", "-".repeat(20), "021-1234-5678"]],
  ["MemberUid", details, ["0", "197203162343810001"]],
  ["Remark", [...details, ...group], ["", "字".repeat(100), rare.repeat(100), "<a> & b\n"]],
  ["Size", pages, ["1", "100"]],
  ["MemberUid", ["ListMember", "ListPSMemberDataTypeCode"], [""]],
  ["ProductKey", ["ListDeviceGroup"], [""]],
  ["IotId", ["ListDevice"], ["", "1833297615720001"]],
  ["BusinessId", ["AttachDataWithSignature"], ["", "Ab".repeat(32)]],
];

describe("a parameter at the edge of its form", () => {
  it.each(good.flatMap(([name, actions, values]) => actions.map((action) => ({ name, action, values }))))(
    "$action takes $name",
    async ({ name, action, values }) => {
      for (const value of values) expect(await codeOf(action, { [name]: value }), JSON.stringify(value)).toBe(200);
    },
  );
});

describe("a parameter that is not there", () => {
  const actions = (Object.keys(routes) as Action[]).filter((action) => !action.includes("MPCoS"));

  it.each(actions)("%s: Missing<Name> if it is mandatory, in the order of the row", async (action) => {
    const { input, wire } = routes[action];
    const required: readonly string[] = input.required ?? [];
    const absent: Record<string, undefined> = {};
    for (const [field, { name }] of Object.entries<{ readonly name: string }>(wire).reverse()) {
      absent[name] = undefined;
      if (required.includes(field)) expect(await codeOf(action, absent)).toBe(`Missing${name}`);
    }
  });

  const signed: readonly Action[] = ["SetDataWithSignature", "AttachDataWithSignature"];
  const names = ["IotAuthType", "IotDataDigest", "IotId", "IotIdServiceProvider", "IotIdSource", "IotSignature"];
  it.each(signed)("%s: what is there but empty is handed to the platform", async (action) => {
    for (const name of names) {
      harness.platform.calls.length = 0;
      harness.platform.fail(refuseWith("DEVICE_FIELD_EMPTY"));
      expect(await codeOf(action, { [name]: "" })).toBe(-106);
      expect(harness.platform.calls, name).toEqual([action.startsWith("Set") ? "evidence.set" : "evidence.attach"]);
    }
  });
});
