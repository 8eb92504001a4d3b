import { utf8ToBytes } from "@concordat/base";
import { type Contract, type ContractContext, ContractRefusal, type ContractStub } from "../contract-api/index.ts";
import {
  approvalFromText,
  approvalKey,
  approvalRange,
  approvalToText,
  type ContractApproval,
  definitionFromText,
  definitionKey,
  definitionRange,
  definitionToText,
  isSameDefinition,
  LIFECYCLE_NAMESPACE,
} from "../endorsement/definitions.ts";
import type { ContractDefinition } from "../endorsement/ports.ts";
import { isDefinableName, readDefinitionArgument, readMspIds, readPackageId, readSequence } from "./arguments.ts";
import { firstDifference } from "./differences.ts";

/**
 * The system contract that keeps contract definitions. It follows Fabric's lifecycle, but that approvals are public: an organization approves a
 * definition, a majority of them (the policy of `_lifecycle`) commits it. Texts are Fabric's; whoever speaks Fabric's protobuf translates.
 *
 * | function | arguments | answer |
 * |---|---|---|
 * | Approve | definition, package id ("" = none), MSP id of the endorser's organization | "" |
 * | Commit | definition, MSP id of the endorser's organization, MSP ids of the channel | "" |
 * | CheckCommitReadiness | definition, MSP ids | `{"approvals":{"Org1MSP":true}}` |
 * | QueryDefinition | name, MSP ids (optional) | the definition; with MSP ids also their `approvals` |
 * | QueryDefinitions | | `{"definitions":[...]}` |
 * | QueryApproved | MSP id, name, sequence ("0" = the newest) | the approval |
 *
 * Definitions are JSON as docs/reference/ledger-format.md section 10 has it; empty plugins and an empty policy become Fabric's defaults. All
 * organizations' approvals are read whichever endorses, so that endorsers agree on what was read.
 * @source fabric core/chaincode/lifecycle: rules and texts
 */
export const lifecycleContract: Contract = {
  name: LIFECYCLE_NAMESPACE,
  version: "syscc",
  functions: {
    async Approve(context, definitionJson = "", packageId = "", approvingMspId = "") {
      await approve(context, readDefinitionArgument(definitionJson), readPackageId(packageId), approvingMspId);
      return "";
    },
    async Commit({ stub }, definitionJson = "", endorserMspId = "", mspIdsJson = "") {
      await commit(stub, readDefinitionArgument(definitionJson), endorserMspId, readMspIds(mspIdsJson));
      return "";
    },
    async CheckCommitReadiness({ stub }, definitionJson = "", mspIdsJson = "") {
      const definition = readDefinitionArgument(definitionJson);
      await requireNextSequence(stub, definition);
      return JSON.stringify({ approvals: await approvalsOf(stub, definition, readMspIds(mspIdsJson)) });
    },
    async QueryDefinition({ stub }, name = "", mspIdsJson = "") {
      const definition = isDefinableName(name) ? await definitionOf(stub, name) : undefined;
      if (definition === undefined) throw new ContractRefusal("NOT_FOUND", `namespace ${name} is not defined`);
      if (mspIdsJson === "") return definitionToText(definition);
      const approvals = await approvalsOf(stub, definition, readMspIds(mspIdsJson));
      return JSON.stringify({ ...JSON.parse(definitionToText(definition)), approvals });
    },
    async QueryDefinitions({ stub }) {
      return `{"definitions":[${(await textsIn(stub, definitionRange())).join(",")}]}`;
    },
    async QueryApproved({ stub }, mspId = "", name = "", sequence = "") {
      const [organization = ""] = readMspIds(JSON.stringify([mspId]));
      return approvalToText(await approvedBy(stub, organization, name, readSequence(sequence)));
    },
  },
};

async function approve(
  { stub, clientIdentity }: ContractContext,
  definition: ContractDefinition,
  packageId: string,
  approvingMspId: string,
): Promise<void> {
  // The policy of the written key asks for a peer of the caller's organization.
  if (approvingMspId !== clientIdentity.getMSPID()) {
    const who = `organization ${clientIdentity.getMSPID()} cannot approve for ${approvingMspId}`;
    throw new ContractRefusal("FORBIDDEN", `${who}: send the approval to a peer of your own organization`);
  }
  const { name, sequence } = definition;
  const current = await definitionOf(stub, name);
  const currentSequence = current?.sequence ?? 0;
  if (sequence < currentSequence) {
    throw conflict(`currently defined sequence ${currentSequence} is larger than requested sequence ${sequence}`);
  }
  if (sequence > currentSequence + 1) {
    const next = `the next available sequence number ${currentSequence + 1}`;
    throw conflict(`requested sequence ${sequence} is larger than ${next}`);
  }
  if (current !== undefined && sequence === currentSequence && !isSameDefinition(current, definition)) {
    const attempt = `attempted to redefine the current committed sequence (${sequence}) for namespace ${name}`;
    throw conflict(`${attempt} with different parameters: ${firstDifference(current, definition)}`);
  }
  const approval: ContractApproval = { ...definition, packageId };
  const text = approvalToText(approval);
  const key = approvalKey(approvingMspId, name, sequence);
  if (sequence > currentSequence && (await textAt(stub, key)) === text) {
    const attempt = `attempted to redefine uncommitted sequence (${sequence}) for namespace ${name}`;
    throw conflict(`${attempt} with unchanged content`);
  }
  await stub.putState(key, utf8ToBytes(text));
}

async function commit(
  stub: ContractStub,
  definition: ContractDefinition,
  endorserMspId: string,
  mspIds: readonly string[],
): Promise<void> {
  await requireNextSequence(stub, definition);
  const approvals = await approvalsOf(stub, definition, mspIds);
  if (approvals[endorserMspId] !== true) {
    throw new ContractRefusal("NOT_AGREED", `chaincode definition not agreed to by this org (${endorserMspId})`);
  }
  await stub.putState(definitionKey(definition.name), utf8ToBytes(definitionToText(definition)));
}

async function requireNextSequence(stub: ContractStub, { name, sequence }: ContractDefinition): Promise<void> {
  const next = ((await definitionOf(stub, name))?.sequence ?? 0) + 1;
  if (sequence !== next) {
    throw conflict(`requested sequence is ${sequence}, but new definition must be sequence ${next}`);
  }
}

/** Which of the organizations have approved exactly this definition. Read in one order, whoever asks. */
async function approvalsOf(
  stub: ContractStub,
  definition: ContractDefinition,
  mspIds: readonly string[],
): Promise<Readonly<Record<string, boolean>>> {
  const approvals: Record<string, boolean> = {};
  for (const mspId of mspIds.toSorted()) {
    const text = await textAt(stub, approvalKey(mspId, definition.name, definition.sequence));
    const approval = text === "" ? undefined : approvalFromText(text);
    approvals[mspId] = approval !== undefined && isSameDefinition(approval, definition);
  }
  return approvals;
}

async function approvedBy(
  stub: ContractStub,
  mspId: string,
  name: string,
  sequence: number,
): Promise<ContractApproval> {
  const texts = !isDefinableName(name)
    ? []
    : sequence === 0
      ? await textsIn(stub, approvalRange(mspId, name))
      : [await textAt(stub, approvalKey(mspId, name, sequence))];
  const approvals = texts.map(approvalFromText).filter((approval) => approval !== undefined);
  const newest = approvals.toSorted((a, b) => b.sequence - a.sequence)[0];
  if (newest !== undefined) return newest;
  const wanted = `(name: '${name}', sequence: '${sequence}') on channel '${stub.getChannelID()}'`;
  throw new ContractRefusal("NOT_FOUND", `could not fetch approved chaincode definition ${wanted}`);
}

async function definitionOf(stub: ContractStub, name: string): Promise<ContractDefinition | undefined> {
  const text = await textAt(stub, definitionKey(name));
  return text === "" ? undefined : definitionFromText(text);
}

/** "" when the key is absent. */
async function textAt(stub: ContractStub, key: string): Promise<string> {
  return Buffer.from(await stub.getState(key)).toString("utf8");
}

async function textsIn(stub: ContractStub, range: { readonly start: string; readonly end: string }): Promise<string[]> {
  const rows = await stub.getStateByRange(range.start, range.end);
  const texts: string[] = [];
  try {
    for (let step = await rows.next(); !step.done; step = await rows.next()) {
      texts.push(Buffer.from(step.value.value).toString("utf8"));
    }
  } finally {
    await rows.close();
  }
  return texts;
}

function conflict(message: string): ContractRefusal {
  return new ContractRefusal("CONFLICT", message);
}
