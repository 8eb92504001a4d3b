import { bytesToHex, isConcordatError, type RandomSource } from "@concordat/base";
import type { Ledger, StateItem } from "@concordat/ledger";
import {
  approvalFromText,
  approvalRange,
  type ContractDefinition as ChannelDefinition,
  type ContractApproval,
  decodeApplicationPolicy,
  definitionFromText,
  definitionKey,
  definitionRange,
  encodeApplicationPolicy,
  isSameDefinition,
  LIFECYCLE_NAMESPACE,
  parsePolicyText,
  policyToText,
} from "@concordat/ledger/endorsement";
import { PlatformError } from "../errors.ts";
import { onLedger } from "../ledger/ledger-errors.ts";
import type { ContractDefinition } from "./ports.ts";

export const defaultEndorsementPolicy = "/Channel/Application/Endorsement";

/** @throws PlatformError CONTRACT_DEFINITION_INVALID saying what is wrong */
export function toChannelDefinition(input: ContractDefinition): ChannelDefinition {
  const { name, version, sequence, endorsementPolicy = defaultEndorsementPolicy, initRequired = false } = input;
  // @source fabric core/chaincode/lifecycle: the patterns of names and versions
  requireThat(
    /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/.test(name) && name.length <= 64,
    "A contract's name has 1 to 64 letters, digits and inner - or _.",
  );
  requireThat(/^[A-Za-z0-9_.+-]{1,64}$/.test(version), "A version has 1 to 64 letters, digits and _.+-");
  requireThat(
    Number.isSafeInteger(sequence) && sequence >= 1 && sequence < 2 ** 31,
    "A sequence is a whole number from 1.",
  );
  return {
    name,
    version,
    sequence,
    endorsementPlugin: "escc",
    validationPlugin: "vscc",
    validationParameter: encodePolicy(endorsementPolicy),
    initRequired,
  };
}

function encodePolicy(text: string): Uint8Array {
  try {
    return encodeApplicationPolicy(parsePolicyText(text));
  } catch (error) {
    if (!isConcordatError(error, "ARGUMENT_INVALID")) throw error;
    throw new PlatformError("CONTRACT_DEFINITION_INVALID", error.message, { cause: error });
  }
}

export function policyTextOf({ validationParameter }: ChannelDefinition): string {
  const policy = decodeApplicationPolicy(validationParameter);
  return policy === undefined ? "" : policyToText(policy);
}

/** Contract definitions and approvals of a channel, as its state holds them at one moment. */
export class ChannelDefinitions {
  readonly #ledger: Ledger;
  readonly #random: RandomSource;

  constructor(dependencies: { readonly ledger: Ledger; readonly random: RandomSource }) {
    this.#ledger = dependencies.ledger;
    this.#random = dependencies.random;
  }

  /** By ascending name. */
  async committed(channelId: string): Promise<readonly ChannelDefinition[]> {
    const rows = await this.#range(channelId, definitionRange());
    return rows.flatMap(({ value }) => definitionFromText(value) ?? []);
  }

  async find(channelId: string, name: string): Promise<ChannelDefinition | undefined> {
    const found = await this.#simulating(channelId, (simulationId) =>
      this.#ledger.simulate(simulationId, { kind: "get", namespace: LIFECYCLE_NAMESPACE, key: definitionKey(name) }),
    );
    return found.kind === "value" && found.value !== undefined ? definitionFromText(found.value) : undefined;
  }

  /** What an organization approved for this contract; the latest sequence last. */
  async approvals(channelId: string, mspId: string, name: string): Promise<readonly ContractApproval[]> {
    const rows = await this.#range(channelId, approvalRange(mspId, name));
    return rows.flatMap(({ value }) => approvalFromText(value) ?? []).sort((a, b) => a.sequence - b.sequence);
  }

  async approval(
    channelId: string,
    mspId: string,
    name: string,
    sequence: number,
  ): Promise<ContractApproval | undefined> {
    return (await this.approvals(channelId, mspId, name)).find((each) => each.sequence === sequence);
  }

  async hasApproved(channelId: string, mspId: string, definition: ChannelDefinition): Promise<boolean> {
    const approval = await this.approval(channelId, mspId, definition.name, definition.sequence);
    return approval !== undefined && isSameDefinition(approval, definition);
  }

  #range(channelId: string, range: { readonly start: string; readonly end: string }): Promise<readonly StateItem[]> {
    return this.#simulating(channelId, async (simulationId) => {
      const rows: StateItem[] = [];
      let answer = await this.#ledger.simulate(simulationId, {
        kind: "range",
        namespace: LIFECYCLE_NAMESPACE,
        ...range,
      });
      while (answer.kind === "rows") {
        rows.push(...answer.rows);
        if (answer.cursor === undefined) break;
        answer = await this.#ledger.simulate(simulationId, { kind: "next", cursor: answer.cursor });
      }
      return rows;
    });
  }

  /** Reads the durable state; nothing is ordered. */
  #simulating<Result>(channelId: string, work: (simulationId: number) => Promise<Result>): Promise<Result> {
    return onLedger(async () => {
      const timestamp = { seconds: 0, nanos: 0 };
      const { simulationId } = await this.#ledger.openSimulation({
        channelId,
        txId: bytesToHex(this.#random.bytes(32)),
        timestamp,
      });
      try {
        return await work(simulationId);
      } finally {
        await this.#ledger.dropSimulation(simulationId);
      }
    });
  }
}

function requireThat(condition: boolean, summary: string): asserts condition {
  if (!condition) throw new PlatformError("CONTRACT_DEFINITION_INVALID", summary);
}
