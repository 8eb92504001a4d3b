import { systemClock } from "@concordat/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLtlHarnessAt } from "../testing/ltl-harness.ts";
import { officialClients } from "../testing/official-clients.ts";
import { example } from "./routes/collaboration-fields.ts";
import { exampleDevice } from "./routes/device-signature.ts";

const harness = createLtlHarnessAt(systemClock);
let address = "";
beforeAll(async () => {
  address = await harness.server.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => harness.server.close());

const { bizChainId: BizChainId, phaseGroupId: PhaseGroupId, phaseId: PhaseId } = example.place;
const place = { ApiVersion: "1.0.0", BizChainId, PhaseGroupId };
const upper = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1);

/** The list with the first letters of all member names raised, as the vendor's request classes name them. */
function raised(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(raised);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [upper(name), raised(member)]));
}

const text = "某公司 <某业务> & 'it''s' (100%) *~!+\n=.1.";
const list = [
  { dataKey: "a", phaseData: text },
  {
    dataKey: "b",
    phaseData: "4.2",
    dataSeq: "1",
    relatedDataList: [
      example.related,
      { relatedPhaseId: example.phaseId, relatedDataKey: "a", relatedPhaseData: text },
    ],
  },
];
const arrived = [
  { dataKey: "a", phaseData: text },
  {
    dataKey: "b",
    phaseData: "4.2",
    dataSeq: "1",
    related: [
      {
        phaseId: example.related.relatedPhaseId,
        dataKey: example.related.relatedDataKey,
        phaseData: example.related.relatedPhaseData,
        dataSeq: example.related.relatedDataSeq,
      },
      { phaseId: example.phaseId, dataKey: "a", phaseData: text },
    ],
  },
];
const device = {
  IotAuthType: exampleDevice.authType,
  IotDataDigest: exampleDevice.dataDigest,
  IotId: exampleDevice.iotId,
  IotIdServiceProvider: exampleDevice.serviceProvider,
  IotIdSource: exampleDevice.source,
  IotSignature: exampleDevice.signature,
};

/** With a GET openapi-client sends a list that it is given as text; the vendor's generated code flattens it before. */
const clients = Object.entries(officialClients(() => address)).filter(([name]) => !/openapi-client .* GET/.test(name));

describe.each(clients)("%s", (name, call) => {
  it.each([
    ["as the client flattens them", list],
    ["flattened, with raised first letters", raised(list)],
    ["as JSON", JSON.stringify(list)],
    ["as JSON with raised first letters", JSON.stringify(raised(list))],
  ])("sends lists of phase data %s", async (_form, PhaseDataList) => {
    await call("BatchUploadMPCoSPhaseTextInfo", { ...place, PhaseId, PhaseDataList });
    expect(harness.platform.collaboration.uploads.at(-1)).toEqual({
      ...example.place,
      kind: "text",
      isBatch: true,
      items: arrived,
    });
    await call("BatchUploadMPCoSPhaseDigestInfoByDevice", { ...place, PhaseId, PhaseDataList, ...device });
    expect(harness.platform.collaboration.uploads.at(-1)).toEqual({
      ...example.place,
      kind: "digest",
      isBatch: true,
      items: arrived,
      device: exampleDevice,
      signedTexts: [typeof PhaseDataList === "string" ? PhaseDataList : JSON.stringify(list)],
    });
  });

  it("sends lists of related data and of phases", async () => {
    const own = { ...place, PhaseId, DataKey: `key of ${name}`, PhaseData: text };
    await call("UploadMPCoSPhaseTextInfo", { ...own, RelatedDataList: list[1]?.relatedDataList });
    expect(harness.platform.collaboration.uploads.at(-1)?.items[0]?.related).toEqual(arrived[1]?.related);
    const member = { ...place, MemberId: example.memberId };
    await call("UpdateMPCoSAuthorizedInfo", { ...member, AuthorizedPhaseList: [example.otherPhaseId] });
    expect((await call("DescribeMPCoSAuthorizedInfo", member)).Data).toMatchObject({
      AuthorizedPhaseList: [{ PhaseName: "某某阶段", PhaseId: example.otherPhaseId }],
    });
    await call("UpdateMPCoSAuthorizedInfo", { ...member, AuthorizedPhaseList: "[]" });
    expect((await call("DescribeMPCoSAuthorizedInfo", member)).Data).toMatchObject({ AuthorizedPhaseList: [] });
  });

  it("hears of a list that is none", async () => {
    const PhaseDataList = [{ dataKey: "a", data: "b" }];
    const refused = call("BatchUploadMPCoSPhaseTextInfo", { ...place, PhaseId, PhaseDataList });
    await expect(refused).rejects.toMatchObject({ code: "InvalidParameter.PhaseDataList" });
  });
});
