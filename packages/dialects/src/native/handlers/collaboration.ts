import type { Handlers } from "@concordat/api-kit";
import type { PhaseRecord, ProvenanceNode } from "@concordat/platform";
import type { collaborationRoutes } from "../routes/collaboration.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";
import { receiptToWire } from "./receipts.ts";

export const collaborationHandlers = {
  async listPhaseGroups(input, { platform, caller }) {
    const { total, items } = await platform.collaboration.listGroups(caller.principal, paged(input));
    return { total, phaseGroups: [...items] };
  },
  async listPhases(input, { platform, caller }) {
    const { total, items } = await platform.collaboration.listPhases(caller.principal, paged(input));
    return { total, phases: [...items] };
  },
  async getChainProvenance({ withReceipts = true, limit, ...data }, { platform, caller }) {
    const options = limit === undefined ? { withReceipts } : { withReceipts, limit };
    const { nodes, complete } = await platform.collaboration.provenance(caller.principal, data, options);
    return { complete, nodes: nodes.map(nodeToWire), edges: edgesBetween(nodes) };
  },
} satisfies Handlers<typeof collaborationRoutes, NativeContext>;

function nodeToWire({ record, block, receipt }: ProvenanceNode) {
  const related = record.related.map((each) => ({ ...each }));
  return {
    record: { ...record, related },
    block,
    ...(receipt === undefined ? {} : { receipt: receiptToWire(receipt) }),
  };
}

type RecordName = Pick<PhaseRecord, "phaseId" | "dataKey" | "dataSeq">;

/** Keys hold no spaces, so no two names run into one. */
const nameOf = ({ phaseId, dataKey, dataSeq }: RecordName) => `${phaseId} ${dataKey} ${dataSeq}`;

/** All nodes are of one phase group. A record that names another twice makes one edge; past the limit there is nothing to point at. */
function edgesBetween(nodes: readonly ProvenanceNode[]): { readonly from: number; readonly to: number }[] {
  const places = new Map(nodes.map(({ record }, place) => [nameOf(record), place]));
  return nodes.flatMap(({ record }, from) => {
    const targets = new Set(record.related.map((each) => places.get(nameOf(each))));
    return [...targets].flatMap((to) => (to === undefined ? [] : [{ from, to }]));
  });
}
