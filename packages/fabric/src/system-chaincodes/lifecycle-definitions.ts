import { bytesToBase64, bytesToUtf8, InvariantError } from "@concordat/base";
import {
  approvalFromText,
  type ContractApproval,
  type ContractDefinition,
  definitionFromText,
  LIFECYCLE_NAMESPACE,
} from "@concordat/ledger/endorsement";
import { peer } from "@hyperledger/fabric-protos";
import type { Execution } from "../endorser/contract-call.ts";
import { LifecycleFailure, type LifecycleFunction, readArgument } from "./lifecycle-function.ts";
import { approvalsOf } from "./package-references.ts";

const lifecycle = peer.lifecycle;

/** The part of Fabric's messages that states a definition. */
interface StatedDefinition {
  getName(): string;
  getVersion(): string;
  getSequence(): number;
  getEndorsementPlugin(): string;
  getValidationPlugin(): string;
  getValidationParameter_asU8(): Uint8Array;
  getInitRequired(): boolean;
  getCollections(): { getConfigList(): readonly unknown[] } | undefined;
}

/** What concerns definitions, which the engine keeps in the channel's state. */
export function definitionFunctions(): Readonly<Record<string, LifecycleFunction>> {
  return {
    async ApproveChaincodeDefinitionForMyOrg(execution, argument) {
      const input = readArgument(lifecycle.ApproveChaincodeDefinitionForMyOrgArgs, argument);
      const packageId = input.getSource()?.getLocalPackage()?.getPackageId() ?? "";
      await run(execution, "Approve", [definitionJson(input), packageId, execution.node.mspId]);
      return new lifecycle.ApproveChaincodeDefinitionForMyOrgResult().serializeBinary();
    },
    async CheckCommitReadiness(execution, argument) {
      const input = readArgument(lifecycle.CheckCommitReadinessArgs, argument);
      const answer = await run(execution, "CheckCommitReadiness", [definitionJson(input), mspIdsJson(execution)]);
      const result = new lifecycle.CheckCommitReadinessResult();
      for (const [mspId, isApproved] of approvalsIn(answer)) result.getApprovalsMap().set(mspId, isApproved);
      return result.serializeBinary();
    },
    async CommitChaincodeDefinition(execution, argument) {
      const input = readArgument(lifecycle.CommitChaincodeDefinitionArgs, argument);
      await run(execution, "Commit", [definitionJson(input), execution.node.mspId, mspIdsJson(execution)]);
      return new lifecycle.CommitChaincodeDefinitionResult().serializeBinary();
    },
    async QueryChaincodeDefinition(execution, argument) {
      const name = readArgument(lifecycle.QueryChaincodeDefinitionArgs, argument).getName();
      const answer = await run(execution, "QueryDefinition", [name, mspIdsJson(execution)]);
      const result = new lifecycle.QueryChaincodeDefinitionResult();
      setDefinition(result, definitionIn(answer));
      for (const [mspId, isApproved] of approvalsIn(answer)) result.getApprovalsMap().set(mspId, isApproved);
      return result.serializeBinary();
    },
    async QueryChaincodeDefinitions(execution) {
      const answer = await run(execution, "QueryDefinitions", []);
      const result = new lifecycle.QueryChaincodeDefinitionsResult();
      for (const definition of definitionsIn(answer)) {
        const entry = new lifecycle.QueryChaincodeDefinitionsResult.ChaincodeDefinition();
        entry.setName(definition.name);
        setDefinition(entry, definition);
        result.addChaincodeDefinitions(entry);
      }
      return result.serializeBinary();
    },
    async QueryApprovedChaincodeDefinition(execution, argument) {
      const input = readArgument(lifecycle.QueryApprovedChaincodeDefinitionArgs, argument);
      const args = [execution.node.mspId, input.getName(), String(input.getSequence())];
      const approval = approvalFromText(await run(execution, "QueryApproved", args));
      if (approval === undefined) throw new InvariantError("An approval cannot be read.");
      const result = new lifecycle.QueryApprovedChaincodeDefinitionResult();
      setDefinition(result, approval);
      result.setSource(sourceOf(approval));
      return result.serializeBinary();
    },
    async QueryApprovedChaincodeDefinitions(execution) {
      const result = new lifecycle.QueryApprovedChaincodeDefinitionsResult();
      for (const approval of await ownApprovals(execution)) {
        const entry = new lifecycle.QueryApprovedChaincodeDefinitionsResult.ApprovedChaincodeDefinition();
        entry.setName(approval.name);
        setDefinition(entry, approval);
        entry.setSource(sourceOf(approval));
        result.addApprovedChaincodeDefinitions(entry);
      }
      return result.serializeBinary();
    },
  };
}

/** Runs a function of the engine's contract in the proposal's simulation. */
async function run({ simulation, creator }: Execution, fn: string, args: readonly string[]): Promise<Uint8Array> {
  if (simulation === undefined) throw new LifecycleFailure("no application config for channel ''");
  const { mspId, certificatePem } = creator;
  const contract = LIFECYCLE_NAMESPACE;
  const answer = await simulation.step({ kind: "run", contract, fn, args, creator: { mspId, certificatePem } });
  if (answer.kind !== "ran") throw new InvariantError(`A system contract answered with "${answer.kind}".`);
  return answer.result;
}

function definitionJson(input: StatedDefinition): string {
  if ((input.getCollections()?.getConfigList().length ?? 0) > 0) {
    throw new LifecycleFailure(
      "error validating chaincode definition: private data collections are not supported by this peer",
    );
  }
  return JSON.stringify({
    endorsementPlugin: input.getEndorsementPlugin(),
    initRequired: input.getInitRequired(),
    name: input.getName(),
    sequence: input.getSequence(),
    validationParameter: bytesToBase64(input.getValidationParameter_asU8()),
    validationPlugin: input.getValidationPlugin(),
    version: input.getVersion(),
  });
}

function mspIdsJson({ node, proposal }: Execution): string {
  const config = node.channels.get(proposal.channelId)?.head.config;
  return JSON.stringify((config?.organizations ?? []).map(({ mspId }) => mspId));
}

/** The setters that every message with a definition has. */
interface DefinitionMessage {
  setSequence(value: number): void;
  setVersion(value: string): void;
  setEndorsementPlugin(value: string): void;
  setValidationPlugin(value: string): void;
  setValidationParameter(value: Uint8Array): void;
  setInitRequired(value: boolean): void;
}

function setDefinition(message: DefinitionMessage, definition: ContractDefinition): void {
  message.setSequence(definition.sequence);
  message.setVersion(definition.version);
  message.setEndorsementPlugin(definition.endorsementPlugin);
  message.setValidationPlugin(definition.validationPlugin);
  message.setValidationParameter(definition.validationParameter);
  message.setInitRequired(definition.initRequired);
}

function sourceOf({ packageId }: ContractApproval) {
  const source = new lifecycle.ChaincodeSource();
  if (packageId === "") {
    source.setUnavailable(new lifecycle.ChaincodeSource.Unavailable());
  } else {
    const local = new lifecycle.ChaincodeSource.Local();
    local.setPackageId(packageId);
    source.setLocalPackage(local);
  }
  return source;
}

function ownApprovals({ simulation, node }: Execution): Promise<readonly ContractApproval[]> {
  if (simulation === undefined) throw new LifecycleFailure("no application config for channel ''");
  return approvalsOf(simulation, node.mspId);
}

function fieldsOf(answer: Uint8Array): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(bytesToUtf8(answer));
  if (typeof value !== "object" || value === null) throw new InvariantError("A system contract answered no object.");
  return Object.fromEntries(Object.entries(value));
}

function approvalsIn(answer: Uint8Array): readonly (readonly [string, boolean])[] {
  const approvals = fieldsOf(answer)["approvals"] ?? {};
  return Object.entries(approvals).map(([mspId, isApproved]) => [mspId, isApproved === true]);
}

function definitionIn(answer: Uint8Array): ContractDefinition {
  const { approvals: _, ...fields } = fieldsOf(answer);
  return readDefinition(fields);
}

function definitionsIn(answer: Uint8Array): readonly ContractDefinition[] {
  const list = fieldsOf(answer)["definitions"];
  return Array.isArray(list) ? list.map(readDefinition) : [];
}

function readDefinition(fields: unknown): ContractDefinition {
  const definition = definitionFromText(JSON.stringify(fields));
  if (definition === undefined) throw new InvariantError("A definition cannot be read.");
  return definition;
}
