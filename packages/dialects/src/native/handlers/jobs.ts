import type { Handlers, OutputOf } from "@concordat/api-kit";
import type { Job } from "@concordat/platform";
import { platformLimits } from "@concordat/platform/limits";
import type { jobRoutes } from "../routes/jobs.ts";
import type { NativeContext } from "./context.ts";

export const jobHandlers = {
  async listJobs(
    { page = 1, pageSize = platformLimits.jobPageSizeMax, status, kind, ...filter },
    { platform, caller },
  ) {
    const { total, items } = await platform.jobs.list(caller, {
      ...filter,
      ...(status === undefined ? {} : { statuses: [status] }),
      ...(kind === undefined ? {} : { kinds: [kind] }),
      offset: (page - 1) * pageSize,
      limit: pageSize,
    });
    return { total, jobs: items.map(toWire) };
  },
  async getJob({ jobId }, { platform, caller }) {
    return toWire(await platform.jobs.get(caller, jobId));
  },
  async cancelJob({ jobId }, { platform, caller }) {
    return toWire(await platform.jobs.cancel(caller, jobId));
  },
  async deleteJob({ jobId }, { platform, caller }) {
    await platform.jobs.delete(caller, [jobId]);
    return {};
  },
} satisfies Handlers<typeof jobRoutes, NativeContext>;

function toWire(job: Job): OutputOf<(typeof jobRoutes)["getJob"]> {
  return { ...job, steps: job.steps.map((step) => ({ ...step, messages: [...step.messages] })) };
}
