import type { JobRecord } from "./job-record.ts";
import { parseObject } from "./job-row.ts";
import type { StepContext } from "./ports.ts";
import type { JobInterruption } from "./step-failure.ts";

export interface StepContextParts {
  readonly record: JobRecord;
  readonly fencing: number;
  /** The step's place; undefined for the undoing. */
  readonly index: number | undefined;
  readonly signal: AbortSignal;
  /** Changes the record and writes it. */
  readonly write: (change: () => void) => Promise<void>;
  readonly interruption: () => JobInterruption;
}

/** What one run of a step may use. Once closed it writes nothing more, whatever of the step goes on. */
export function openStepContext({ record, fencing, index, signal, write, interruption }: StepContextParts) {
  let isClosed = false;
  const requireOpen = () => {
    if (isClosed || signal.aborted) throw interruption();
  };
  const save = async (change: () => void) => {
    requireOpen();
    await write(change);
    requireOpen();
  };
  const { jobId, tenantId, projectId, uid, resourceKind, resourceId, resourceName, input } = record.row;
  const context: StepContext<unknown> = {
    jobId,
    tenantId,
    projectId,
    uid,
    resource: { kind: resourceKind, id: resourceId, name: resourceName },
    input: parseObject(input),
    get output() {
      return record.output;
    },
    save: (members) => save(() => record.addOutput(members)),
    checkpoint: (percent) =>
      save(() => {
        if (index !== undefined) record.update(index, { progress: toPercent(percent) });
      }),
    note: (message) => {
      if (index !== undefined && !isClosed) record.note(index, message);
    },
    signal,
    fencing,
  };
  const close = () => {
    isClosed = true;
  };
  return { context, close };
}

function toPercent(percent: number): number {
  return Math.max(0, Math.min(100, Math.floor(percent)));
}
