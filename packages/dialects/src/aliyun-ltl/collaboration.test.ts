import { limits } from "@concordat/api-kit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refuseWith } from "../testing/fake-platform.ts";
import { commonFields, createLtlHarness, type Fields, signedGet, signedPost } from "../testing/ltl-harness.ts";
import { example } from "./routes/collaboration-fields.ts";
import { exampleDevice } from "./routes/device-signature.ts";

const harness = createLtlHarness();
beforeAll(() => harness.server.ready());
afterAll(() => harness.server.close());

const { bizChainId: BizChainId, phaseGroupId: PhaseGroupId, phaseId: PhaseId } = example.place;
const group = { BizChainId, PhaseGroupId };
const place = { ...group, PhaseId };
const page = { Num: "1", Size: "10" };
const device = {
  IotAuthType: exampleDevice.authType,
  IotDataDigest: exampleDevice.dataDigest,
  IotId: exampleDevice.iotId,
  IotIdServiceProvider: exampleDevice.serviceProvider,
  IotIdSource: exampleDevice.source,
  IotSignature: exampleDevice.signature,
};

/** One item of a list of phase data. */
const item = '{"dataKey":"a","phaseData":"b"}';

const call = (action: string, own: Fields) => signedGet(harness.server, { ...commonFields(action), ...own });
const post = (action: string, own: Fields) =>
  signedPost(harness.server, { ...commonFields(action), ...own }, () => false);
const dataOf = async (action: string, own: Fields) => {
  const answer = (await call(action, own)).json();
  expect([answer.Code, answer.Message, answer.Success]).toEqual([200, "", true]);
  return answer.Data;
};
const xmlOf = async (action: string, own: Fields) => (await call(action, { ...own, Format: "XML" })).body;
const codeOf = async (action: string, own: Fields) => (await call(action, own)).json().Code;
const lastUpload = () => harness.platform.collaboration.uploads.at(-1);

async function refusals(action: string, good: Fields, faults: Readonly<Record<string, readonly string[]>>) {
  for (const [name, values] of Object.entries(faults)) {
    for (const value of values) {
      expect([name, value, await codeOf(action, { ...good, [name]: value })]).toEqual([
        name,
        value,
        `InvalidParameter.${name}`,
      ]);
    }
  }
}

describe("the document's forms", () => {
  const related = {
    ...example.related,
    relatedPhaseData: "a<b>&",
  };

  it("of chains, groups and phases", async () => {
    const chains = await dataOf("ListMultiPartyCollaborationChain", page);
    expect(JSON.stringify(chains)).toMatch(
      /^\{"PageData":\[\{"BizChainId":"4899730875490002","RoleType":"ADMIN","Remark":"[^"]*","Name":"[^"]*"\}\],"Size":10,"Num":1,"Total":1\}$/,
    );
    expect(JSON.stringify(await dataOf("ListMPCoSPhaseGroup", { BizChainId, ...page }))).toBe(
      '{"PageData":[{"PhaseGroupId":"3838607922870001","Remark":"<一> & 二","Name":"某协同模型"}],"Size":10,"Num":1,"Total":1}',
    );
    expect(JSON.stringify(await dataOf("ListMPCoSPhase", { ...group, ...page, Name: "某某阶段" }))).toBe(
      '{"PageData":[{"AccessPermission":1,"PhaseId":"1964875128110001","Remark":"","Name":"某某阶段"}],"Size":10,"Num":1,"Total":1}',
    );
    expect((await dataOf("ListMPCoSPhase", { ...group, ...page })).PageData[0].AccessPermission).toBe(3);
    expect(await xmlOf("ListMPCoSPhaseGroup", { BizChainId, ...page })).toContain(
      "<Data><PageData><PhaseGroupId>3838607922870001</PhaseGroupId><Remark>&lt;一&gt; &amp; 二</Remark><Name>某协同模型</Name></PageData><Size>10</Size><Num>1</Num><Total>1</Total></Data>",
    );
  });

  it("of rights and quotas", async () => {
    const whose = { ...group, MemberId: example.memberId };
    await dataOf("UpdateMPCoSAuthorizedInfo", { ...whose, AuthorizedPhaseList: JSON.stringify([PhaseId]) });
    expect(JSON.stringify(await dataOf("DescribeMPCoSAuthorizedInfo", whose))).toBe(
      '{"AuthorizedPhaseList":[{"PhaseName":"某阶段","PhaseId":"6442088875110001"}],"UnAuthorizedPhaseList":[{"PhaseName":"某某阶段","PhaseId":"1964875128110001"}]}',
    );
    expect(JSON.stringify(await dataOf("DescribeMPCoSResourceInfo", { BizChainId }))).toBe(
      '{"PhaseGroupQuota":200,"UsedPhaseGroup":1,"UsedMember":5,"PhaseQuotaInfoList":[{"PhaseQuota":5,"UsedPhase":2,"PhaseGroupId":"3838607922870001","PhaseGroupName":"某协同模型"}],"MemberQuota":100}',
    );
    expect(await xmlOf("DescribeMPCoSResourceInfo", { BizChainId })).toContain(
      "</UsedMember><PhaseQuotaInfoList><PhaseQuota>5</PhaseQuota><UsedPhase>2</UsedPhase>",
    );
  });

  it("of records", async () => {
    const DataKey = "forms";
    const own = { ...place, DataKey, PhaseData: "数 <&>", DataSeq: "1", RelatedDataList: JSON.stringify([related]) };
    const sent = await call("UploadMPCoSPhaseTextInfoByDevice", { ...own, ...device });
    expect(sent.json().Data).toBe("");
    const tx = sent.headers["concordat-tx"];
    expect(tx).toMatch(/^[0-9a-f]{64}$/);
    const found = await dataOf("DescribeMPCoSPhaseInfo", { ...place, DataKey });
    expect(Object.entries(found)).toEqual([
      ["IotId", exampleDevice.iotId],
      ["DataValue", "数 <&>"],
      ["BlockHash", expect.stringMatching(/^[0-9a-f]{64}$/)],
      ["TransactionHash", tx],
      ["PreviousHash", expect.stringMatching(/^[0-9a-f]{64}$/)],
      ["BlockNumber", expect.any(Number)],
      ["Timestamp", expect.any(Number)],
      [
        "RelatedDataList",
        [
          {
            RelatedPhaseId: related.relatedPhaseId,
            RelatedDataSeq: related.relatedDataSeq,
            RelatedDataKey: `0002_${BizChainId}_5E9A_${related.relatedDataKey}`,
            RelatedPhaseDataHash: expect.stringMatching(/^[0-9a-f]{64}$/),
            RelatedPhaseName: "某某阶段",
          },
        ],
      ],
      ["ProductKey", exampleDevice.serviceProvider],
      ["DataHash", expect.stringMatching(/^[0-9a-f]{64}$/)],
    ]);
    await dataOf("UploadMPCoSPhaseTextInfo", { ...place, DataKey, PhaseData: "later", DataSeq: "2" });
    const window = { StartTime: "0", EndTime: String(found.Timestamp + 1) };
    const history = await dataOf("ListMPCoSPhaseHistory", { ...place, ...page, ...window, DataKey });
    expect(Object.keys(history)).toEqual(["PageData", "Size", "Num", "Total"]);
    expect(history).toMatchObject({ PageData: [{ DataSeq: "2" }, { DataSeq: "1", BlockHash: found.BlockHash }] });
    expect(Object.keys(history.PageData[0]).join()).toBe(
      "IotId,DataValue,BlockHash,DataSeq,TransactionHash,PreviousHash,BlockNumber,Timestamp,ProductKey,DataHash",
    );
    const xml = await xmlOf("ListMPCoSPhaseHistory", { ...place, ...page, ...window, DataKey });
    expect(xml.match(/<PageData><IotId>/g)).toHaveLength(2);
    expect(xml).toContain("<DataValue>数 &lt;&amp;&gt;</DataValue>");
    expect(await xmlOf("DescribeMPCoSPhaseInfo", { ...place, DataKey, DataSeq: "1" })).toContain(
      `<RelatedDataList><RelatedPhaseId>${related.relatedPhaseId}</RelatedPhaseId>`,
    );
  });

  it("of creations: the id, and the transaction in a header", async () => {
    const sent = await call("CreateMPCoSPhaseGroup", { BizChainId, Name: "某协同模型(2)", Remark: "r" });
    expect(sent.json().Data).toMatch(/^[0-9]{16}$/);
    expect(sent.headers["concordat-tx"]).toMatch(/^[0-9a-f]{64}$/);
    const phase = await dataOf("CreateMPCoSPhase", { BizChainId, PhaseGroupId: sent.json().Data, Name: "一.二-三_" });
    await dataOf("ModifyMPCoSPhase", { BizChainId, PhaseId: phase, Name: "阶段", Remark: "" });
    const phases = await dataOf("ListMPCoSPhase", { BizChainId, PhaseGroupId: sent.json().Data, ...page });
    expect(phases.PageData).toMatchObject([{ PhaseId: phase, Name: "阶段", Remark: "" }]);
  });
});

describe("what a device signed", () => {
  const list = ' [{"PhaseData":"4.2", "dataKey" : "a"}] ';

  it("is the data of a single upload", async () => {
    await call("UploadMPCoSPhaseDigestInfoByDevice", { ...place, ...device, DataKey: "a", PhaseData: "digest" });
    expect(lastUpload()).toEqual({
      ...example.place,
      kind: "digest",
      isBatch: false,
      items: [{ dataKey: "a", phaseData: "digest" }],
      device: exampleDevice,
      signedTexts: ["digest"],
    });
  });

  it("is the very text of a batch", async () => {
    await call("BatchUploadMPCoSPhaseTextInfoByDevice", { ...place, ...device, PhaseDataList: list });
    expect(lastUpload()).toMatchObject({ items: [{ dataKey: "a", phaseData: "4.2" }], signedTexts: [list] });
  });

  it("is the text with the escapes that the Java client writes", async () => {
    const escaped = String.raw`[{"dataKey":"a","phaseData":"\u003cb\u003e \u0026 \u003d\u0027数\u0027"}]`;
    await call("BatchUploadMPCoSPhaseTextInfoByDevice", { ...place, ...device, PhaseDataList: escaped });
    expect(lastUpload()).toMatchObject({ items: [{ phaseData: "<b> & ='数'" }], signedTexts: [escaped] });
  });

  it("is the shortest text of a list in pieces, members in the document's order", async () => {
    await call("BatchUploadMPCoSPhaseTextInfoByDevice", {
      ...place,
      ...device,
      "PhaseDataList.1.RelatedDataList.1.RelatedDataSeq": "s",
      "PhaseDataList.1.RelatedDataList.1.relatedPhaseData": "d",
      "PhaseDataList.1.RelatedDataList.1.RelatedDataKey": "k",
      "PhaseDataList.1.RelatedDataList.1.relatedPhaseId": "p",
      "PhaseDataList.1.DataSeq": "",
      "PhaseDataList.1.phaseData": "数",
      "PhaseDataList.1.DataKey": "b",
    }).then((answer) => answer.json().Code);
    // The fake looks the phase up after it noted the upload.
    expect(lastUpload()).toMatchObject({
      items: [
        { dataKey: "b", phaseData: "数", related: [{ phaseId: "p", dataKey: "k", phaseData: "d", dataSeq: "s" }] },
      ],
      signedTexts: [
        '[{"dataKey":"b","phaseData":"数","dataSeq":"","relatedDataList":[{"relatedPhaseId":"p","relatedDataKey":"k","relatedPhaseData":"d","relatedDataSeq":"s"}]}]',
      ],
    });
    expect(lastUpload()?.items[0]).not.toHaveProperty("dataSeq");
  });

  it("does not count when no device takes part", async () => {
    await call("BatchUploadMPCoSPhaseTextInfo", { ...place, ...device, PhaseDataList: list });
    expect(lastUpload()).not.toHaveProperty("device");
    expect(lastUpload()).not.toHaveProperty("signedTexts");
  });
});

describe("input that is refused", () => {
  it("by the form of a parameter", async () => {
    await refusals(
      "CreateMPCoSPhaseGroup",
      { BizChainId, Name: "ab" },
      {
        BizChainId: ["1", "x".repeat(16), ""],
        Name: ["", "a", "a".repeat(31), "a b", "a/b", "<>"],
        Remark: ["r".repeat(101)],
      },
    );
    await refusals(
      "ModifyMPCoSPhase",
      { BizChainId, PhaseId, Name: "ab" },
      { PhaseId: ["", "644208887511000", "64420888751100011"], Name: ["a"] },
    );
    await refusals("ListMPCoSPhase", { ...group, ...page }, { PhaseGroupId: ["x"], Num: ["0"], Size: ["0", "101"] });
    await refusals(
      "ListMPCoSPhaseHistory",
      { ...place, ...page, DataKey: "k", StartTime: "1", EndTime: "2" },
      { StartTime: ["-1", "x", ""], EndTime: ["1.5", ""] },
    );
    await refusals("DescribeMPCoSAuthorizedInfo", { ...group, MemberId: example.memberId }, { MemberId: ["m"] });
  });

  it("because a mandatory parameter is missing", async () => {
    const cases: readonly (readonly [string, Fields])[] = [
      ["CreateMPCoSPhaseGroup", { BizChainId, Name: "ab" }],
      ["ModifyMPCoSPhaseGroup", { ...group, Name: "ab" }],
      ["UploadMPCoSPhaseTextInfo", { ...place, DataKey: "k", PhaseData: "v" }],
      ["UploadMPCoSPhaseDigestInfoByDevice", { ...place, ...device, DataKey: "k", PhaseData: "v" }],
      ["BatchUploadMPCoSPhaseTextInfoByDevice", { ...place, ...device, PhaseDataList: "[]" }],
      ["UpdateMPCoSAuthorizedInfo", { ...group, MemberId: example.memberId, AuthorizedPhaseList: "[]" }],
      ["ListMPCoSPhaseHistory", { ...place, ...page, DataKey: "k", StartTime: "1", EndTime: "2" }],
    ];
    for (const [action, good] of cases) {
      for (const name of Object.keys(good)) {
        const { [name]: _left, ...rest } = good;
        expect([action, await codeOf(action, rest)]).toEqual([action, `Missing${name}`]);
      }
    }
  });

  const relatedItem = '{"relatedPhaseId":"1","relatedDataKey":"a","relatedPhaseData":"b"}';
  const noPhaseData = [
    "",
    "[]",
    "{}",
    item,
    "null",
    "[null]",
    "[[]]",
    "[",
    '["a"]',
    '[{"dataKey":"a"}]',
    '[{"phaseData":"a"}]',
    '[{"dataKey":"a","phaseData":1}]',
    '[{"dataKey":"a","phaseData":null}]',
    '[{"dataKey":"a","DataKey":"a","phaseData":"b"}]',
    '[{"dataKey":"a","dataKey":"a","phaseData":"b"}]',
    '[{"dataKey":"a","phaseData":"b","relatedDataList":"[]"}]',
    '[{"dataKey":"a","phaseData":"b","relatedDataList":[{"relatedPhaseId":"1"}]}]',
    '[{"dataKey":"a","phaseData":"\\udc00"}]',
    `[${Array(limits.listItemsMax + 1)
      .fill("{}")
      .join()}]`,
    "[".repeat(20_000),
  ];

  it("because a list of data has no such form", async () => {
    for (const action of ["BatchUploadMPCoSPhaseTextInfo", "BatchUploadMPCoSPhaseDigestInfoByDevice"]) {
      await refusals(action, { ...place, ...device }, { PhaseDataList: noPhaseData });
    }
  });

  it("because a list of related data or phases has no such form", async () => {
    const upload = { ...place, DataKey: "k", PhaseData: "v" };
    const lists = ["{}", relatedItem, '["a"]', '[{"relatedPhaseId":"1","relatedDataKey":"a"}]'];
    await refusals("UploadMPCoSPhaseTextInfo", upload, { RelatedDataList: lists });
    const whose = { ...group, MemberId: example.memberId };
    const phases = ["", "{}", '"1"', "[1964875128110001]", '["1"]', `["${PhaseId}",null]`, `[["${PhaseId}"]]`];
    await refusals("UpdateMPCoSAuthorizedInfo", whose, { AuthorizedPhaseList: phases });
  });

  it.each<[string, Fields]>([
    ["both forms", { PhaseDataList: `[${item}]`, "PhaseDataList.1.dataKey": "a", "PhaseDataList.1.phaseData": "b" }],
    ["a gap", { "PhaseDataList.2.dataKey": "a", "PhaseDataList.2.phaseData": "b" }],
    ["an item without data", { "PhaseDataList.1.dataKey": "a" }],
    ["texts for items", { "PhaseDataList.1": item }],
    [
      "a member twice",
      { "PhaseDataList.1.dataKey": "a", "PhaseDataList.1.DataKey": "a", "PhaseDataList.1.phaseData": "b" },
    ],
    ["a name of numbers alone", { "PhaseDataList.1.1.1.1.1.1.1.1": "a" }],
    ["an empty name", { "PhaseDataList.": "a" }],
  ])("because a list in pieces has no such form: %s", async (_what, parts) => {
    expect(await codeOf("BatchUploadMPCoSPhaseTextInfo", { ...place, ...parts })).toBe(
      "InvalidParameter.PhaseDataList",
    );
  });

  it("before the platform hears of it, and what is more than a batch with the platform's number", async () => {
    const many = JSON.stringify(Array.from({ length: 51 }, (_, index) => ({ dataKey: `k${index}`, phaseData: "v" })));
    harness.platform.fail(refuseWith("BATCH_TOO_LARGE"));
    expect(await codeOf("BatchUploadMPCoSPhaseTextInfo", { ...place, PhaseDataList: "[{}]" })).toBe(
      "InvalidParameter.PhaseDataList",
    );
    expect(await codeOf("BatchUploadMPCoSPhaseTextInfo", { ...place, PhaseDataList: many })).toBe(-221);
  });
});

describe("input that is accepted", () => {
  it("an empty list of related data, and an empty sequence, as left out", async () => {
    const items = '[{"dataKey":"a","phaseData":"b","dataSeq":"","relatedDataList":[]}]';
    await call("BatchUploadMPCoSPhaseTextInfo", { ...place, PhaseDataList: items });
    expect(lastUpload()?.items).toEqual([{ dataKey: "a", phaseData: "b" }]);
    await call("UploadMPCoSPhaseTextInfo", {
      ...place,
      DataKey: "a",
      PhaseData: "b",
      DataSeq: "",
      RelatedDataList: "[]",
    });
    expect(lastUpload()?.items).toEqual([{ dataKey: "a", phaseData: "b" }]);
  });

  it("the longest batch of the document, in a form: as JSON, and in pieces", async () => {
    const items = Array.from({ length: 50 }, (_, index) => ({
      dataKey: String(index).padStart(64, "0"),
      phaseData: "数".repeat(2048),
      dataSeq: String(index).padStart(64, "0"),
    }));
    const asJson = await post("BatchUploadMPCoSPhaseTextInfo", { ...place, PhaseDataList: JSON.stringify(items) });
    expect(asJson.json().Code).toBe(200);
    expect(lastUpload()?.items).toEqual(items);
    const pieces = items.flatMap((item, index) =>
      Object.entries(item).map(([name, value]) => [`PhaseDataList.${index + 1}.${name}`, value]),
    );
    const inPieces = await post("BatchUploadMPCoSPhaseTextInfo", { ...place, ...Object.fromEntries(pieces) });
    expect(inPieces.json().Code).toBe(200);
    expect(lastUpload()?.items).toEqual(items);
  });

  it("any JSON text or parameter as a list is judged, never a fault of the server", async () => {
    const piece = fc
      .array(fc.constantFrom("1", "2", "dataKey", "PhaseData", "relatedDataList", "", "x"), { maxLength: 6 })
      .map((names) => ["PhaseDataList", ...names].join("."));
    const value = fc.oneof(
      fc.json({ maxDepth: 4 }),
      fc.constantFrom("", "a", `[${item}]`, '[{"dataKey":"a","phaseData":"b","relatedDataList":[{}]}]'),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(piece, value, { maxKeys: 5 }), async (parts) => {
        const { statusCode } = await post("BatchUploadMPCoSPhaseTextInfo", { ...place, ...parts });
        expect(statusCode).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
    expect(harness.faults).toEqual([]);
  });
});
