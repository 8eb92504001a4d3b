import type { Caller, JobKind } from "@concordat/platform";
import { codeOf } from "@concordat/platform/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openNativeWorld } from "../testing/native-world.ts";

let world: Awaited<ReturnType<typeof openNativeWorld>>;
let root: ReturnType<typeof world.clientOf>;
let owner: typeof root;
let stranger: typeof root;
let ownerCaller: Caller;
let finish: () => void;

const kind: JobKind<{ readonly size: number }> = {
  kind: "test-build",
  steps: [
    {
      name: "prepare",
      stage: "ground",
      async run({ note, save }) {
        note("ground is flat");
        await save({ flat: true });
      },
    },
    {
      name: "build",
      async run(context) {
        await context.checkpoint(50);
        await new Promise<void>((resolve) => {
          finish = resolve;
          context.signal.addEventListener("abort", () => resolve());
        });
        await context.checkpoint(90);
      },
    },
  ],
};

beforeAll(async () => {
  world = await openNativeWorld();
  const { harness } = world;
  const { accessKey } = await harness.bootstrap();
  root = world.clientOf(accessKey);
  const accountOf = async (name: string) => {
    const { principal, accessKey } = await root.createAccount({ name });
    const client = world.clientOf({ accessKeyId: accessKey.accessKeyId, secret: accessKey.accessKeySecret });
    return { client, uid: principal.uid };
  };
  const made = await accountOf("Shipper");
  owner = made.client;
  stranger = (await accountOf("Other")).client;
  const principal = harness.platform.provisioning.directory.principal(made.uid);
  if (principal === undefined) throw new Error("no principal");
  ownerCaller = harness.callerOf(principal);
  harness.platform.jobs.register(kind);
});
afterAll(() => world.dispose());

async function begin(name: string): Promise<string> {
  const { jobs } = world.harness.platform;
  const resource = { kind: "warehouse", id: `w-${name}`, name };
  const { jobId } = await jobs.start({ kind, caller: ownerCaller, resource, input: { size: 1 } });
  await expect.poll(async () => (await owner.getJob({ jobId })).progress).toBe(75);
  return jobId;
}

it("a job is shown with its steps, listed, cancelled or ended, and removed", async () => {
  const jobId = await begin("North");
  const { tenantId } = ownerCaller;
  expect(await owner.getJob({ jobId })).toMatchObject({
    tenantId,
    kind: "test-build",
    resource: { kind: "warehouse", id: "w-North", name: "North" },
    status: "running",
    output: { flat: true },
    steps: [
      { name: "prepare", stage: "ground", status: "succeeded", progress: 100, messages: ["ground is flat"] },
      { name: "build", stage: null, status: "running", progress: 50, messages: [] },
    ],
    error: null,
    endedMs: null,
  });
  expect(await codeOf(owner.deleteJob({ jobId }))).toBe("JOB_RUNNING");
  finish();
  await expect.poll(async () => (await owner.getJob({ jobId })).status).toBe("succeeded");
  expect(await codeOf(owner.cancelJob({ jobId }))).toBe("JOB_ENDED");

  const cancelled = await begin("South");
  expect(await owner.cancelJob({ jobId: cancelled })).toMatchObject({ status: "cancelling" });
  await expect.poll(async () => (await owner.getJob({ jobId: cancelled })).status).toBe("cancelled");

  const idsOf = async (client: typeof root, filter = {}) => {
    const { total, jobs } = await client.listJobs(filter);
    return [total, ...jobs.map((job) => job.jobId)];
  };
  expect((await idsOf(owner)).sort()).toEqual([2, jobId, cancelled].sort());
  expect(await idsOf(owner, { status: "cancelled", kind: "test-build" })).toEqual([1, cancelled]);
  expect(await idsOf(owner, { resourceName: "Nor", resourceKind: "warehouse" })).toEqual([1, jobId]);
  expect(await idsOf(owner, { resourceId: "w-South", pageSize: 1 })).toEqual([1, cancelled]);
  expect(await idsOf(owner, { page: 2, pageSize: 2 })).toEqual([2]);
  expect((await idsOf(root, { tenantId }))[0]).toBe(2);
  expect(await idsOf(stranger)).toEqual([0]);
  expect(await codeOf(stranger.listJobs({ tenantId }))).toBe("ACCESS_DENIED");
  expect(await codeOf(stranger.getJob({ jobId }))).toBe("JOB_UNKNOWN");
  expect(await codeOf(stranger.cancelJob({ jobId }))).toBe("JOB_UNKNOWN");
  expect(await codeOf(stranger.deleteJob({ jobId }))).toBe("JOB_UNKNOWN");

  await owner.deleteJob({ jobId });
  expect(await codeOf(owner.getJob({ jobId }))).toBe("JOB_UNKNOWN");
});
