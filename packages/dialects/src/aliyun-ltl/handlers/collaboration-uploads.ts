import type { Handlers, ListWithText, Static } from "@concordat/api-kit";
import type { PhaseDataItem, PhaseUpload, RelatedData } from "@concordat/platform";
import { type phaseDataList, phaseDataText, type relatedDataList } from "../routes/collaboration-fields.ts";
import type { collaborationUploadRoutes } from "../routes/collaboration-uploads.ts";
import { deviceSignatureOf } from "../routes/device-signature.ts";
import type { LtlContext } from "./context.ts";

type ItemInput = Static<typeof phaseDataList>[number];
type RelatedInput = Static<typeof relatedDataList>[number];

interface Single {
  readonly dataKey: string;
  readonly phaseData: string;
  readonly dataSeq?: string;
  readonly related?: readonly RelatedInput[];
}
type Place = Pick<PhaseUpload, "bizChainId" | "phaseGroupId" | "phaseId">;
type Signed = Parameters<typeof deviceSignatureOf>[0];

export const collaborationUploadHandlers = {
  UploadMPCoSPhaseTextInfo: (input, context) => upload(context, input, "text", single(input)),
  BatchUploadMPCoSPhaseTextInfo: (input, context) => upload(context, input, "text", batch(input.items)),
  UploadMPCoSPhaseTextInfoByDevice: (input, context) => upload(context, input, "text", signedSingle(input)),
  BatchUploadMPCoSPhaseTextInfoByDevice: (input, context) => upload(context, input, "text", signedBatch(input)),
  UploadMPCoSPhaseDigestInfo: (input, context) => upload(context, input, "digest", single(input)),
  BatchUploadMPCoSPhaseDigestInfo: (input, context) => upload(context, input, "digest", batch(input.items)),
  UploadMPCoSPhaseDigestInfoByDevice: (input, context) => upload(context, input, "digest", signedSingle(input)),
  BatchUploadMPCoSPhaseDigestInfoByDevice: (input, context) => upload(context, input, "digest", signedBatch(input)),
} satisfies Handlers<typeof collaborationUploadRoutes, LtlContext>;

async function upload(
  { platform, caller, nonce }: LtlContext,
  { bizChainId, phaseGroupId, phaseId }: Place,
  kind: PhaseUpload["kind"],
  what: Pick<PhaseUpload, "items" | "isBatch" | "device" | "signedTexts">,
) {
  const call = { bizChainId, phaseGroupId, phaseId, kind, ...what };
  const { txIds } = await platform.collaboration.upload(caller, call, nonce);
  return { txIds: [...txIds] };
}

function single({ dataKey, phaseData, dataSeq, related }: Single) {
  return { isBatch: false, items: [itemOf({ dataKey, phaseData, dataSeq, related })] };
}

function batch(items: readonly ItemInput[]) {
  return { isBatch: true, items: items.map((item) => itemOf({ ...item, related: item.relatedDataList })) };
}

function signedSingle(input: Single & Signed) {
  return { ...single(input), device: deviceSignatureOf(input), signedTexts: [input.phaseData] };
}

/** The device signs the list as it is sent; a list in pieces has no text of its own, so the shortest one of it counts. */
function signedBatch(input: { readonly list: ListWithText<ItemInput> } & Signed) {
  const { items, text = phaseDataText(items) } = input.list;
  return { ...batch(items), device: deviceSignatureOf(input), signedTexts: [text] };
}

interface Given {
  readonly dataKey: string;
  readonly phaseData: string;
  readonly dataSeq?: string | undefined;
  readonly related?: readonly RelatedInput[] | undefined;
}

function itemOf({ dataKey, phaseData, dataSeq, related }: Given): PhaseDataItem {
  return {
    dataKey,
    phaseData,
    ...sequence(dataSeq),
    ...(related === undefined || related.length === 0 ? {} : { related: related.map(relatedOf) }),
  };
}

function relatedOf(item: RelatedInput): RelatedData {
  return {
    phaseId: item.relatedPhaseId,
    dataKey: item.relatedDataKey,
    phaseData: item.relatedPhaseData,
    ...sequence(item.relatedDataSeq),
  };
}

/** An empty one counts as left out, like any optional parameter. */
function sequence(dataSeq: string | undefined): { readonly dataSeq?: string } {
  return dataSeq === undefined || dataSeq === "" ? {} : { dataSeq };
}
