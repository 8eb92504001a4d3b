import { base64ToBytes, utf8ToBytes } from "@concordat/base";
import type { ContractLogLine, ContractStatus, InvokeRequest } from "@concordat/fabric/client";
import { PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";
import type { Caller } from "../ports.ts";
import type { NetworkAccess } from "./access.ts";
import { actingOrganization, organizationsOf } from "./acting.ts";
import { type AuditedDependencies, audited } from "./audited.ts";
import type { ClientIdentities } from "./client-identities.ts";
import type { ContractViews } from "./contract-views.ts";
import { onFabric } from "./fabric-errors.ts";
import type { NodeRunner } from "./node-runner.ts";
import { toOutcome, toResult } from "./outcomes.ts";
import type { ChannelContract, ContractCall, ContractOutcome } from "./ports.ts";

export interface ContractsDependencies extends AuditedDependencies {
  readonly access: NetworkAccess;
  readonly runner: NodeRunner;
  readonly identities: ClientIdentities;
  readonly views: ContractViews;
}

const limits = platformLimits.networks;

/** The contracts of channels: called, started, stopped, and what they wrote. */
export class ContractsService {
  readonly #dependencies: ContractsDependencies;

  constructor(dependencies: ContractsDependencies) {
    this.#dependencies = dependencies;
  }

  async list(caller: Caller, channelId: string): Promise<readonly ChannelContract[]> {
    const { channel } = this.#dependencies.access.channel(caller, "network:contract:list", channelId);
    return this.#dependencies.views.all(channel);
  }

  start(caller: Caller, channelId: string, contract: string, mspId?: string): Promise<readonly ContractStatus[]> {
    return this.#run(caller, "start", channelId, contract, mspId);
  }

  stop(caller: Caller, channelId: string, contract: string, mspId?: string): Promise<readonly ContractStatus[]> {
    return this.#run(caller, "stop", channelId, contract, mspId);
  }

  async invoke(caller: Caller, call: ContractCall): Promise<ContractOutcome> {
    const request = await this.#request(caller, call, "network:contract:invoke");
    return onFabric(async () => toOutcome(await (await this.#dependencies.runner.fabric()).invoke(request)));
  }

  async query(caller: Caller, call: ContractCall): Promise<Pick<ContractOutcome, "result" | "resultIsBase64">> {
    const request = await this.#request(caller, call, "network:contract:query");
    return onFabric(async () => toResult(await (await this.#dependencies.runner.fabric()).query(request)));
  }

  /** Oldest first. */
  async logs(
    caller: Caller,
    input: { readonly channelId: string; readonly contract: string; readonly mspId?: string; readonly lines: number },
  ): Promise<readonly (ContractLogLine & { readonly mspId: string })[]> {
    const { access, views, runner } = this.#dependencies;
    const { lines, contract, mspId } = input;
    const { channel } = access.channel(caller, "network:contract:logs", input.channelId);
    requireThat(
      Number.isSafeInteger(lines) && lines >= 1 && lines <= limits.logLines,
      `Lines are 1 to ${limits.logLines}.`,
    );
    const mspIds = organizationsOf(channel, mspId === undefined ? undefined : [mspId]);
    const fabric = await runner.fabric();
    const found = await views.eachPackage(
      channel,
      contract,
      async (member, packageId) => {
        const own = await onFabric(() => fabric.contractLogs(member, packageId, lines));
        return own.map((line) => ({ ...line, mspId: member }));
      },
      mspIds,
    );
    return found
      .flat()
      .sort((a, b) => a.timeMs - b.timeMs)
      .slice(-lines);
  }

  async #run(
    caller: Caller,
    verb: "start" | "stop",
    channelId: string,
    contract: string,
    mspId: string | undefined,
  ): Promise<readonly ContractStatus[]> {
    const { access, views, runner } = this.#dependencies;
    const action = `network:contract:${verb}` as const;
    const { channel } = access.channel(caller, action, channelId);
    const mspIds = organizationsOf(channel, mspId === undefined ? undefined : [mspId]);
    const resource = { kind: "contract", id: `${channelId}/${contract}` };
    const fabric = await runner.fabric();
    const work = (member: string, packageId: string) =>
      onFabric(() =>
        verb === "start" ? fabric.startContract(member, packageId) : fabric.stopContract(member, packageId),
      );
    return audited(caller, { action, resource, detail: { organizations: mspIds } }, this.#dependencies, () =>
      views.eachPackage(channel, contract, work, mspIds),
    );
  }

  async #request(
    caller: Caller,
    call: ContractCall,
    action: "network:contract:invoke" | "network:contract:query",
  ): Promise<InvokeRequest> {
    const { access, identities } = this.#dependencies;
    const { channel } = access.channel(caller, action, call.channelId);
    checkCall(call);
    const transient = call.transient === undefined ? undefined : toTransient(call.transient);
    const mspId = actingOrganization(caller, channel, call.mspId);
    const { endorsingOrganizations } = call;
    if (endorsingOrganizations !== undefined) organizationsOf(channel, endorsingOrganizations);
    return {
      channelId: call.channelId,
      contract: call.contract,
      fn: call.fn,
      args: call.args,
      ...(transient === undefined ? {} : { transient }),
      ...(endorsingOrganizations === undefined ? {} : { endorsingOrganizations }),
      signer: await identities.client(caller, mspId),
    };
  }
}

/** The lifecycle has calls of its own, which the organizations' administrators sign; the other system contracts are the wire's. */
function checkCall({ contract, fn, args, transient = {} }: ContractCall): void {
  requireThat(
    /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/.test(contract) && contract.length <= 64,
    "The contract's name is malformed.",
  );
  requireThat(!/^(qscc|cscc|lscc|escc|vscc)$/i.test(contract), "System contracts are called over the network itself.");
  requireThat(args.length <= limits.callArguments, `A call has at most ${limits.callArguments} arguments.`);
  const texts = [fn, ...args, ...Object.entries(transient).flat()];
  requireThat(
    texts.every((text) => text.isWellFormed()),
    "An argument is not well-formed Unicode.",
  );
  const bytes = texts.reduce((sum, text) => sum + utf8ToBytes(text).length, 0);
  requireThat(bytes <= limits.callBytes, `A call has at most ${limits.callBytes} bytes.`);
}

function toTransient(values: Readonly<Record<string, string>>): Readonly<Record<string, Uint8Array>> {
  try {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, base64ToBytes(value)]));
  } catch (cause) {
    throw new PlatformError("CONTRACT_CALL_INVALID", "Transient values are base64.", { cause });
  }
}

function requireThat(condition: boolean, summary: string): asserts condition {
  if (!condition) throw new PlatformError("CONTRACT_CALL_INVALID", summary);
}
