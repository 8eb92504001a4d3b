import { InvariantError } from "@concordat/base";
import type { Ledger } from "@concordat/ledger/client";
import {
  approvalFromText,
  approvalPrefix,
  type ContractApproval,
  definitionFromText,
  definitionRange,
  LIFECYCLE_NAMESPACE,
} from "@concordat/ledger/endorsement";
import type { CallSimulation } from "../contracts/ports.ts";
import type { Execution } from "../endorser/contract-call.ts";
import { originOf } from "../endorser/endorser.ts";
import { OpenSimulation } from "../endorser/simulation.ts";

/** A committed contract that runs from a package. */
export interface PackageReference {
  readonly channelId: string;
  readonly packageId: string;
  readonly name: string;
  readonly version: string;
}

/** Which committed contracts of the peer's channels its organization has approved with which packages; by channel and name. */
export async function packageReferences(
  { node, proposal }: Execution,
  ledger: Ledger,
): Promise<readonly PackageReference[]> {
  const references: PackageReference[] = [];
  for (const channelId of [...node.channels.keys()].sort()) {
    const simulation = await OpenSimulation.open(ledger, { ...originOf(proposal), channelId });
    try {
      references.push(...(await referencesOn(simulation, channelId, node.mspId)));
    } finally {
      simulation.abandon();
    }
  }
  return references;
}

async function referencesOn(simulation: CallSimulation, channelId: string, mspId: string) {
  const idOf = ({ name, sequence }: { name: string; sequence: number }) => JSON.stringify([name, sequence]);
  const approvals = new Map((await approvalsOf(simulation, mspId)).map((one) => [idOf(one), one.packageId]));
  const committed = (await textsIn(simulation, definitionRange())).map(definitionFromText);
  return committed.flatMap((definition) => {
    const packageId = definition && approvals.get(idOf(definition));
    if (definition === undefined || packageId === undefined || packageId === "") return [];
    return [{ channelId, packageId, name: definition.name, version: definition.version }];
  });
}

/** An organization's approvals of every contract and sequence, by key. */
export async function approvalsOf(simulation: CallSimulation, mspId: string): Promise<readonly ContractApproval[]> {
  const start = approvalPrefix(mspId);
  // "0" follows "/" in the order of keys.
  const end = `${start.slice(0, -1)}0`;
  return (await textsIn(simulation, { start, end })).flatMap((text) => approvalFromText(text) ?? []);
}

async function textsIn(simulation: CallSimulation, range: { readonly start: string; readonly end: string }) {
  let answer = await simulation.step({ kind: "range", namespace: LIFECYCLE_NAMESPACE, ...range });
  const texts: Uint8Array[] = [];
  for (;;) {
    if (answer.kind !== "rows") throw new InvariantError(`A range answered with "${answer.kind}".`);
    texts.push(...answer.rows.map(({ value }) => value));
    if (answer.cursor === undefined) return texts;
    answer = await simulation.step({ kind: "next", cursor: answer.cursor });
  }
}
