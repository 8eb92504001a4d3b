import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlatformErrorCode, Principal } from "../ports.ts";
import { codeOf } from "../testing/harness.ts";
import type { PhaseDataItem, PhaseUpload } from "./ports.ts";
import { openRice, type Rice, relatedTo, sha256 } from "./rice.fixture.ts";

let rice: Rice;
let unopened: Principal;
let stranger: Principal;
const there = { dataKey: "there", dataSeq: "1", phaseData: "on chain" };
const item = { dataKey: "new", phaseData: "v" };

beforeAll(async () => {
  rice = await openRice();
  const { members, phases, opened, administrator } = rice;
  await rice.grant(members.grower.memberId, [phases.grown]);
  await rice.upload(members.grower.principal, phases.grown, [there]);
  const { accounts } = opened.platform;
  const caller = opened.callerOf(administrator);
  ({ principal: unopened } = await accounts.createAccount(caller, { name: "unopened", ledgerService: false }));
  ({ principal: stranger } = await accounts.createAccount(caller, { name: "stranger" }));
});
afterAll(() => rice.close());

const noId = "0".repeat(16);
const repeated = (count: number, one: PhaseDataItem = item) =>
  Array.from({ length: count }, (_, at) => ({ ...one, dataSeq: String(at) }));

describe("the rules of uploads, in their order", () => {
  interface Call {
    readonly caller: Principal;
    readonly upload: PhaseUpload;
  }
  type Fault = readonly [PlatformErrorCode, (call: Call) => Call];
  const change = (more: Partial<PhaseUpload>) => (call: Call) => ({ ...call, upload: { ...call.upload, ...more } });
  const changeItems = (toItem: (given: PhaseDataItem, at: number) => PhaseDataItem) => (call: Call) =>
    change({ items: call.upload.items.map(toItem) })(call);
  const inFirst = (more: Partial<PhaseDataItem>) =>
    changeItems((given, at) => (at === 0 ? { ...given, ...more } : given));
  const device = { authType: "", iotId: "", serviceProvider: "", dataDigest: "", signature: "", source: "" };

  /** Each fault leaves those after it in place: so the one that answers must come before them. */
  const faults: readonly Fault[] = [
    ["SERVICE_NOT_OPENED", (call) => ({ ...call, caller: unopened })],
    ["CHAIN_UNKNOWN", change({ bizChainId: "1" })],
    ["ACCESS_DENIED", (call) => (call.caller === unopened ? call : { ...call, caller: stranger })],
    ["PHASE_GROUP_UNKNOWN", change({ phaseGroupId: "group" })],
    ["PHASE_UNKNOWN", change({ phaseId: "phase" })],
    ["PHASE_DATA_LIST_INVALID", change({ items: [] })],
    ["BATCH_TOO_LARGE", (call) => change({ items: [...call.upload.items, ...repeated(50)] })(call)],
    ["PHASE_DATA_KEY_MALFORMED", inFirst({ dataKey: "a b" })],
    ["PHASE_DATA_SEQUENCE_MALFORMED", inFirst({ dataSeq: "x".repeat(65) })],
    ["VALUE_EMPTY", inFirst({ phaseData: "" })],
    [
      "BATCH_VALUE_TOO_LONG",
      changeItems((given, at) =>
        at === 0 && given.phaseData !== "" ? { ...given, phaseData: "x".repeat(4097) } : given,
      ),
    ],
    ["RELATED_DATA_REFUSED", inFirst({ related: [{ phaseId: "", dataKey: "", phaseData: "" }] })],
    ["BATCH_KEY_REPEATED", (call) => change({ items: [...call.upload.items, there, there] })(call)],
    ["DEVICE_FIELD_EMPTY", change({ device, signedTexts: [""] })],
  ];

  it.each(faults.map(([code], index) => [code, index] as const))(
    "%s answers before all later ones",
    async (code, index) => {
      const good: Call = {
        caller: rice.members.grower.principal,
        upload: rice.uploadOf(rice.phases.grown, [item], { isBatch: true }),
      };
      // From the last to the first, so that an earlier fault has the last word on a field that both change.
      const call = faults.slice(index).reduceRight((made, [, apply]) => apply(made), good);
      expect(await rice.refusal(() => rice.collaboration().upload(call.caller, call.upload, rice.nonce()))).toBe(code);
    },
  );
});

describe("refusals of uploads", () => {
  const related = (more: object) => [{ ...item, related: [{ ...relatedTo(rice.phases.grown, there), ...more }] }];

  it.each<[PlatformErrorCode, () => readonly PhaseDataItem[], Partial<PhaseUpload>?]>([
    ["KEY_EXISTS", () => [there]],
    ["BATCH_KEY_EXISTS", () => [item, there], { isBatch: true }],
    ["VALUE_TOO_LONG", () => [{ ...item, phaseData: "x".repeat(4097) }]],
    ["VALUE_TOO_LONG", () => [{ ...item, phaseData: "米".repeat(2049) }]],
    ["VALUE_MALFORMED", () => [{ ...item, phaseData: "\ud800" }]],
    ["PHASE_DIGEST_MALFORMED", () => [item], { kind: "digest" }],
    ["PHASE_DIGEST_MALFORMED", () => [{ ...item, phaseData: `${sha256("v")}0` }], { kind: "digest", isBatch: true }],
    ["PHASE_DATA_LIST_INVALID", () => [item, { ...item, dataKey: "two" }]],
    ["PHASE_DATA_KEY_MALFORMED", () => [{ ...item, dataKey: "大米" }]],
    ["PHASE_GROUP_UNKNOWN", () => [item], { phaseGroupId: "1".repeat(16) }],
    ["PHASE_UNKNOWN", () => [item], { phaseId: "1".repeat(16) }],
    ["PHASE_UNKNOWN", () => [item], { phaseId: noId }],
    ["RELATED_DATA_REFUSED", () => related({ dataKey: "absent" })],
    ["RELATED_DATA_REFUSED", () => related({ dataSeq: "2" })],
    ["RELATED_DATA_REFUSED", () => related({ phaseData: "other" })],
    ["RELATED_DATA_REFUSED", () => related({ phaseData: "\ud800" })],
    ["RELATED_DATA_REFUSED", () => related({ phaseId: rice.phases.milled })],
    ["RELATED_DATA_REFUSED", () => related({ phaseId: noId })],
    [
      "RELATED_DATA_REFUSED",
      () => [{ ...item, related: Array.from({ length: 51 }, () => relatedTo(rice.phases.grown, there)) }],
    ],
  ])("%s (%#)", async (code, items, more) => {
    const call = () => rice.upload(rice.members.grower.principal, rice.phases.grown, items(), more);
    expect(await rice.refusal(call)).toBe(code);
  });

  it("keeps everybody out of phases that were not opened to it, but the administrator", async () => {
    const { phases, members, administrator } = rice;
    const write = (caller: Principal, phaseId: string) => () => rice.upload(caller, phaseId, [item]);
    expect(await rice.refusal(write(members.grower.principal, phases.milled))).toBe("ACCESS_DENIED");
    expect(await rice.refusal(write(members.mill.principal, phases.milled))).toBe("ACCESS_DENIED");
    await write(administrator, phases.milled)();
    await rice.grant(members.mill.memberId, [phases.milled]);
    await write(members.mill.principal, phases.milled)();
    await rice.grant(members.mill.memberId, [phases.sold]);
    expect(await rice.refusal(write(members.mill.principal, phases.milled))).toBe("ACCESS_DENIED");
    await rice.grant(members.mill.memberId, []);
  });

  it("refuses a locked member and the account of a member everything", async () => {
    const { opened, bizChainId, members, phases, administrator } = rice;
    const { memberId, principal, company } = members.shop;
    const caller = opened.callerOf(administrator);
    const read = (by: Principal) => () => rice.collaboration().listGroups(by, { bizChainId, page: 1, pageSize: 1 });
    await opened.platform.members.setLocked(caller, { bizChainId, memberId, locked: true });
    for (const call of [read(principal), () => rice.upload(principal, phases.sold, [item])]) {
      expect(await rice.refusal(call)).toBe("ACCESS_DENIED");
    }
    await opened.platform.members.setLocked(caller, { bizChainId, memberId, locked: false });
    expect(await codeOf(read(principal)())).toHaveProperty("answered");
    expect(await rice.refusal(read(company))).toBe("ACCOUNT_KIND_REFUSED");
    // A chain for proofs is none for collaboration, not even for its administrator.
    const { chain } = opened.boot.proofChain;
    const onProof = { bizChainId: chain.bizChainId, page: 1, pageSize: 1 };
    expect(await rice.refusal(() => rice.collaboration().listGroups(administrator, onProof))).toBe("CHAIN_UNKNOWN");
  });
});

describe("refusals of groups, phases and rights", () => {
  const named = (name: string, remark?: string) => ({
    bizChainId: rice.bizChainId,
    phaseGroupId: rice.phaseGroupId,
    phaseId: rice.phases.milled,
    name,
    ...(remark === undefined ? {} : { remark }),
  });
  const longName = "x".repeat(31);
  const model = () => rice.collaboration();

  it.each<[PlatformErrorCode, (by: Principal) => Promise<unknown>]>([
    ["NAME_INVALID", (by) => model().createGroup(by, named("x"), rice.nonce())],
    ["NAME_INVALID", (by) => model().modifyGroup(by, named(longName), rice.nonce())],
    ["NAME_INVALID", (by) => model().createPhase(by, named("a b"), rice.nonce())],
    ["NAME_INVALID", (by) => model().modifyPhase(by, named("\ud800\ud800"), rice.nonce())],
    ["REMARK_INVALID", (by) => model().createGroup(by, named("good", "x".repeat(101)), rice.nonce())],
    ["NAME_EXISTS", (by) => model().createPhase(by, named("大米加工"), rice.nonce())],
    ["NAME_EXISTS", (by) => model().modifyPhase(by, named("大米生产"), rice.nonce())],
    ["PHASE_GROUP_UNKNOWN", (by) => model().modifyGroup(by, { ...named("good"), phaseGroupId: noId }, rice.nonce())],
    ["PHASE_GROUP_UNKNOWN", (by) => model().createPhase(by, { ...named("good"), phaseGroupId: "x" }, rice.nonce())],
    ["PHASE_UNKNOWN", (by) => model().modifyPhase(by, { ...named("good"), phaseId: noId }, rice.nonce())],
    ["PHASE_GROUP_UNKNOWN", (by) => model().listPhases(by, { ...named(""), phaseGroupId: noId, page: 1, pageSize: 1 })],
    ["PAGE_INVALID", (by) => model().listGroups(by, { ...named(""), page: 0, pageSize: 1 })],
    ["PAGE_INVALID", (by) => model().listPhases(by, { ...named(""), page: 1, pageSize: 101 })],
    ["MEMBER_UNKNOWN", (by) => model().access(by, { ...named(""), memberId: noId })],
    ["MEMBER_UNKNOWN", (by) => model().access(by, { ...named(""), memberId: administratorsId() })],
    ["MEMBER_UNKNOWN", (by) => model().updateAccess(by, grantTo(administratorsId(), []), rice.nonce())],
    ["PHASE_LIST_INVALID", (by) => model().updateAccess(by, grantTo(millId(), [noId]), rice.nonce())],
    ["PHASE_LIST_INVALID", (by) => model().updateAccess(by, grantTo(millId(), ["x"]), rice.nonce())],
    [
      "PHASE_LIST_INVALID",
      (by) => model().updateAccess(by, grantTo(millId(), [rice.phases.sold, rice.phases.sold]), rice.nonce()),
    ],
  ])("%s (%#)", async (code, call) => {
    expect(await rice.refusal(() => call(rice.administrator))).toBe(code);
  });

  it.each<[name: string, (by: Principal) => Promise<unknown>]>([
    ["createGroup", (by) => model().createGroup(by, named("good"), rice.nonce())],
    ["modifyGroup", (by) => model().modifyGroup(by, named("good"), rice.nonce())],
    ["createPhase", (by) => model().createPhase(by, named("good"), rice.nonce())],
    ["modifyPhase", (by) => model().modifyPhase(by, named("good"), rice.nonce())],
    ["access", (by) => model().access(by, { ...named(""), memberId: millId() })],
    ["updateAccess", (by) => model().updateAccess(by, grantTo(millId(), []), rice.nonce())],
    ["quotas", (by) => model().quotas(by, rice.bizChainId)],
  ])("%s is the administrator's alone", async (_, call) => {
    expect(await rice.refusal(() => call(rice.members.grower.principal))).toBe("ACCESS_DENIED");
    expect(await rice.refusal(() => call(unopened))).toBe("SERVICE_NOT_OPENED");
    expect(await rice.refusal(() => call(stranger))).toBe("ACCESS_DENIED");
  });

  const millId = () => rice.members.mill.memberId;
  const grantTo = (memberId: string, phaseIds: readonly string[]) => ({ ...named(""), memberId, phaseIds });
  function administratorsId(): string {
    const { platform } = rice.opened;
    const membership = platform.provisioning.directory.membership(rice.bizChainId, rice.administrator.uid);
    return membership?.memberId ?? "";
  }
});

describe("refusals of reading", () => {
  const find = (more: object = {}) => {
    const { bizChainId, phaseGroupId, phases } = rice;
    return { bizChainId, phaseGroupId, phaseId: phases.grown, dataKey: "there", ...more };
  };
  const window = { startMs: 0, endMs: 1 };
  const page = { page: 1, pageSize: 10 };

  it.each<[PlatformErrorCode, () => object]>([
    ["PHASE_DATA_UNKNOWN", () => ({ dataKey: "absent" })],
    ["PHASE_DATA_UNKNOWN", () => ({ dataSeq: "2" })],
    ["PHASE_DATA_UNKNOWN", () => ({ phaseId: rice.phases.sold })],
    ["PHASE_DATA_KEY_MALFORMED", () => ({ dataKey: "" })],
    ["PHASE_DATA_SEQUENCE_MALFORMED", () => ({ dataSeq: "\n" })],
    ["PHASE_GROUP_UNKNOWN", () => ({ phaseGroupId: noId })],
    ["PHASE_UNKNOWN", () => ({ phaseId: "1".repeat(16) })],
    ["CHAIN_UNKNOWN", () => ({ bizChainId: "" })],
  ])("%s (%#)", async (code, more) => {
    const input = { ...find(), ...more() };
    const { grower } = rice.members;
    expect(await rice.refusal(() => rice.collaboration().describe(grower.principal, input))).toBe(code);
    const graph = () => rice.collaboration().provenance(grower.principal, input, { withReceipts: true });
    expect(await rice.refusal(graph)).toBe(code);
  });

  it.each([
    ["WINDOW_INVALID", { window: { startMs: 2, endMs: 1 }, ...page }],
    ["WINDOW_INVALID", { window: { startMs: -1, endMs: 1 }, ...page }],
    ["WINDOW_INVALID", { window: { startMs: Number.NaN, endMs: 1 }, ...page }],
    ["PAGE_INVALID", { window, page: 0, pageSize: 10 }],
    ["PAGE_INVALID", { window, page: 1, pageSize: 101 }],
    ["PAGE_INVALID", { window, page: 1.5, pageSize: 1 }],
  ] as const)("%s (%#)", async (code, more) => {
    const call = () => rice.collaboration().history(rice.administrator, { ...find(), ...more });
    expect(await rice.refusal(call)).toBe(code);
  });

  it.each([0, 10_001, 1.5])("a graph of %d nodes", async (limit) => {
    const call = () => rice.collaboration().provenance(rice.administrator, find(), { withReceipts: false, limit });
    expect(await rice.refusal(call)).toBe("PAGE_INVALID");
  });

  it("is only for those on the chain", async () => {
    for (const call of [
      () => rice.collaboration().describe(stranger, find()),
      () => rice.collaboration().history(stranger, { ...find(), window, ...page }),
      () => rice.collaboration().provenance(stranger, find(), { withReceipts: true }),
    ]) {
      expect(await rice.refusal(call)).toBe("ACCESS_DENIED");
    }
  });
});
