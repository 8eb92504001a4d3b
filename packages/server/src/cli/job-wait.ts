import type { Clock } from "@concordat/base";
import { serverFault } from "../errors.ts";

/** What is looked at of a job. */
export interface SeenJob {
  readonly jobId: string;
  readonly kind: string;
  readonly status: string;
  readonly progress: number;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const POLL_EVERY_MS = 500;
const FINAL = ["succeeded", "failed", "cancelled"];

/**
 * Waits until a job has ended, and tells each change of its progress.
 * @throws ConcordatError JOB_FAILED when it did not succeed
 */
export async function waitForJob<Job extends SeenJob>(
  jobId: string,
  parts: {
    readonly getJob: (input: { readonly jobId: string }) => Promise<Job>;
    readonly clock: Clock;
    readonly tell: (text: string) => void;
  },
): Promise<Job> {
  let told = "";
  for (;;) {
    const job = await parts.getJob({ jobId });
    const state = `${job.kind}: ${job.status}, ${job.progress} %`;
    if (state !== told) parts.tell(state);
    told = state;
    if (job.status === "succeeded") return job;
    if (FINAL.includes(job.status)) throw failure(job);
    await new Promise<void>((resolve) => {
      parts.clock.after(POLL_EVERY_MS, resolve);
    });
  }
}

function failure({ jobId, status, error }: SeenJob) {
  const why = error === null ? "" : `: ${error.message} (${error.code})`;
  return serverFault("JOB_FAILED", `The job ${status === "failed" ? "failed" : "was cancelled"}${why}`, {
    remedy: `See: concordat job get ${jobId}`,
    facts: { jobId, status },
  });
}
