import { createHash } from "node:crypto";
import type { ContractCallRequest, ContractConnection, ContractHost, ContractResponse } from "../contracts/ports.ts";
import { FabricError } from "../errors.ts";
import type { InstalledContract } from "../ports.ts";

/** A foreign contract played by a function; `mspId` says in whose process it runs. */
export type ScriptedContract = (request: ContractCallRequest, mspId: string) => Promise<ContractResponse>;

export interface ScriptedHost extends ContractHost {
  /** Processes that were reset: `<mspId> <packageId>`. */
  readonly resets: readonly string[];
}

/** Plays a contract host: package bytes are the name of a script. */
export function scriptedContracts(scripts: Readonly<Record<string, ScriptedContract>>): ScriptedHost {
  const installed = new Map<string, Map<string, InstalledContract>>();
  const resets: string[] = [];
  const scriptOf = (packageId: string) => scripts[packageId.split(":")[0] ?? ""];
  const unknown = (packageId: string) => new FabricError("PACKAGE_UNKNOWN", `Package ${packageId} is not installed.`);
  return {
    resets,
    async install(nodeId, packageBytes) {
      const label = Buffer.from(packageBytes).toString("utf8");
      if (scripts[label] === undefined) throw new FabricError("PACKAGE_INVALID", "That is no package.");
      const packageId = packageIdOf(label);
      const contract = { packageId, label, runtime: "node", sizeBytes: packageBytes.length, installedMs: 0 } as const;
      const ofNode = installed.get(nodeId) ?? new Map<string, InstalledContract>();
      installed.set(nodeId, ofNode.set(packageId, contract));
      return contract;
    },
    installed: async (nodeId) => [...(installed.get(nodeId)?.values() ?? [])],
    async packageBytes(nodeId, packageId) {
      if (installed.get(nodeId)?.has(packageId) !== true) throw unknown(packageId);
      return Buffer.from(packageId.split(":")[0] ?? "");
    },
    runtimeOf: async () => "node",
    async connection(mspId, packageId): Promise<ContractConnection> {
      const script = scriptOf(packageId);
      if (script === undefined) throw unknown(packageId);
      return {
        call: (request) => script(request, mspId),
        closed: new Promise(() => undefined),
        close: () => undefined,
      };
    },
    start: async (_mspId, packageId) => {
      throw unknown(packageId);
    },
    stop: async (_mspId, packageId) => {
      throw unknown(packageId);
    },
    reset(mspId, packageId) {
      resets.push(`${mspId} ${packageId}`);
    },
    statuses: () => [],
    logs: async () => [],
    close: async () => undefined,
  };
}

export function packageIdOf(label: string): string {
  return `${label}:${createHash("sha256").update(label).digest("hex")}`;
}

export function answer(payload = "", parts: Partial<ContractResponse> = {}): ContractResponse {
  return { status: 200, message: "", payload: Buffer.from(payload), event: undefined, ...parts };
}
