import type { Clock, RandomSource } from "@concordat/base";
import { auditEntry } from "../audit/audit-entry.ts";
import type { Directory } from "../directory/directory.ts";
import type { Caller } from "../ports.ts";
import type { NetworkAction } from "./access.ts";

export interface AuditedDependencies {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export interface AuditedWork {
  readonly action: NetworkAction;
  readonly resource: { readonly kind: string; readonly id: string };
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Runs work that changes something outside the control store, and records how it ended. */
export async function audited<Result>(
  caller: Caller,
  event: AuditedWork,
  dependencies: AuditedDependencies,
  work: () => Promise<Result>,
): Promise<Result> {
  const record = (outcome: "done" | "failed") =>
    dependencies.directory.change(async () => ({
      changes: [],
      audit: [auditEntry(caller, { ...event, outcome }, dependencies)],
      result: undefined,
    }));
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    await record("failed");
    throw error;
  }
  await record("done");
  return result;
}
