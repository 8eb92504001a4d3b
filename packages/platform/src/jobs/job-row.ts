import { bytesToHex, type RandomSource } from "@concordat/base";
import type { JobTable } from "../control-store/schema.ts";
import type { Job, JobKind, JobStepState } from "./ports.ts";

export interface StoredStep extends JobStepState {
  /** How often it was begun: pauses between tries grow with it, also over a restart. */
  readonly attempts: number;
}

export interface StoredError {
  readonly code: string;
  readonly message: string;
}

export const jobLimits = {
  inputBytesMax: 65_536,
  outputBytesMax: 65_536,
  messagesMax: 20,
  messageCharactersMax: 500,
} as const;

export const finalStatuses = ["succeeded", "failed", "cancelled"] as const;
export type FinalStatus = (typeof finalStatuses)[number];

/** As the database answered it: PostgreSQL's big integers come as text. */
export function rowToJob(row: JobTable): Job {
  const steps = parseSteps(row.steps).map(({ attempts: _, ...step }) => step);
  return {
    jobId: row.jobId,
    tenantId: row.tenantId,
    projectId: row.projectId,
    uid: row.uid,
    kind: row.kind,
    resource: { kind: row.resourceKind, id: row.resourceId, name: row.resourceName },
    status: row.status,
    steps,
    progress: Number(row.progress),
    output: parseObject(row.output),
    error: row.status === "failed" ? parseError(row.error) : null,
    createdMs: Number(row.createdMs),
    updatedMs: Number(row.updatedMs),
    startedMs: toNumber(row.startedMs),
    endedMs: toNumber(row.endedMs),
  };
}

/** The texts of a row are those that this folder wrote. */
export function parseSteps(text: string): StoredStep[] {
  return JSON.parse(text) as StoredStep[];
}

export function parseObject(text: string): Readonly<Record<string, unknown>> {
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

export function parseError(text: string | null): StoredError | null {
  return text === null ? null : (JSON.parse(text) as StoredError);
}

/** The steps of a kind with what is known of each by its name; a release may have added some. */
export function stepsOfKind(kind: Pick<JobKind<never>, "steps">, known: readonly StoredStep[]): StoredStep[] {
  return kind.steps.map(({ name, stage }) => {
    const fresh = { progress: 0, startedMs: null, endedMs: null, messages: [], attempts: 0 };
    const found = known.find((step) => step.name === name);
    return found ?? { name, stage: stage ?? null, status: "pending", ...fresh };
  });
}

/** Each step counts alike. */
export function overallProgress(steps: readonly StoredStep[]): number {
  if (steps.length === 0) return 0;
  return Math.floor(steps.reduce((sum, step) => sum + step.progress, 0) / steps.length);
}

/** A random UUID. @source RFC 9562 section 5.4 */
export function newJobId(random: RandomSource): string {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytesToHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function toNumber(value: number | null): number | null {
  return value === null ? null : Number(value);
}
