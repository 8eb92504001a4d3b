import { decimalInteger, Type } from "@concordat/api-kit";
import { platformLimits } from "@concordat/platform/limits";
import { BASE, DELETE, GET, inPath, inQuery, noContent, operation, POST, SOURCE } from "./common.ts";
import { exampleMs, exampleProjectId, exampleTenantId, exampleUid, projectId, tenantId } from "./in-tenant.ts";

const orNull = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);
const jobId = Type.String({
  pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
  description: "Job id: a UUID.",
});
const statusNames = ["pending", "running", "cancelling", "succeeded", "failed", "cancelled"] as const;
const status = Type.Union(
  statusNames.map((name) => Type.Literal(name)),
  { description: `One of ${statusNames.join(", ")}; the last three are final.` },
);
const percent = Type.Integer({ minimum: 0, maximum: 100, description: "Per cent." });
const timeMs = Type.Integer({ description: "Milliseconds since the epoch." });

const step = Type.Object({
  name: Type.String(),
  stage: orNull(Type.String()),
  status: Type.Union(
    (["pending", "running", "succeeded", "failed", "skipped"] as const).map((each) => Type.Literal(each)),
  ),
  progress: percent,
  startedMs: orNull(timeMs),
  endedMs: orNull(timeMs),
  messages: Type.Array(Type.String()),
});

const job = Type.Object({
  jobId: Type.String(),
  tenantId: Type.String(),
  projectId: orNull(Type.String()),
  uid: Type.String({ description: "Who asked for it." }),
  kind: Type.String(),
  resource: Type.Object({ kind: Type.String(), id: Type.String(), name: Type.String() }),
  status,
  steps: Type.Array(step),
  progress: percent,
  output: Type.Record(Type.String(), Type.Unknown(), { description: "What its steps handed on; no secret." }),
  error: orNull(Type.Object({ code: Type.String(), message: Type.String() })),
  createdMs: timeMs,
  updatedMs: timeMs,
  startedMs: orNull(timeMs),
  endedMs: orNull(timeMs),
});

const exampleJob = {
  jobId: "a75e800b-bd4c-41ec-a5fe-0255ac100409",
  tenantId: exampleTenantId,
  projectId: exampleProjectId,
  uid: exampleUid,
  kind: "master-key-rotation",
  resource: { kind: "installation", id: "installation", name: "installation" },
  status: "running" as const,
  steps: [
    {
      name: "seal",
      stage: null,
      status: "running" as const,
      progress: 40,
      startedMs: exampleMs,
      endedMs: null,
      messages: [],
    },
  ],
  progress: 40,
  output: {},
  error: null,
  createdMs: exampleMs,
  updatedMs: exampleMs,
  startedMs: exampleMs,
  endedMs: null,
};

const shown = {
  source: SOURCE,
  input: Type.Object({ jobId }),
  wire: { jobId: inPath("id") },
  output: job,
  example: { input: { jobId: exampleJob.jobId }, output: exampleJob },
};

export const jobRoutes = {
  listJobs: operation({
    id: "native:listJobs",
    summary: "Long work, newest first: of every tenant for those who may see them, else of the caller's own.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/jobs`,
    permission: "platform:job:list",
    mutating: false,
    input: Type.Object({
      page: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1_000_000, description: "From 1, which is the default." }),
      ),
      pageSize: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: platformLimits.jobPageSizeMax,
          description: `Rows, at most ${platformLimits.jobPageSizeMax}, which is the default.`,
        }),
      ),
      tenantId: Type.Optional(tenantId),
      projectId: Type.Optional(projectId),
      status: Type.Optional(status),
      kind: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: "Kind of work." })),
      resourceKind: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: "Kind of resource." })),
      resourceId: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: "Id of the resource." })),
      resourceName: Type.Optional(
        Type.String({ minLength: 1, maxLength: 128, description: "Part of the resource's name, case mattering." }),
      ),
      createdFromMs: Type.Optional(Type.Integer({ minimum: 0, description: "Recorded then or later." })),
      createdToMs: Type.Optional(Type.Integer({ minimum: 0, description: "Recorded then or earlier." })),
    }),
    wire: {
      page: inQuery("page", decimalInteger),
      pageSize: inQuery("pageSize", decimalInteger),
      tenantId: inQuery("tenantId"),
      projectId: inQuery("projectId"),
      status: inQuery("status"),
      kind: inQuery("kind"),
      resourceKind: inQuery("resourceKind"),
      resourceId: inQuery("resourceId"),
      resourceName: inQuery("resourceName"),
      createdFromMs: inQuery("createdFromMs", decimalInteger),
      createdToMs: inQuery("createdToMs", decimalInteger),
    },
    output: Type.Object({ total: Type.Integer(), jobs: Type.Array(job) }),
    errors: ["ACCESS_DENIED"],
    example: { input: { status: "running" }, output: { total: 1, jobs: [exampleJob] } },
  }),
  getJob: operation({
    ...shown,
    id: "native:getJob",
    summary: "A job with its steps.",
    methods: GET,
    path: `${BASE}/jobs/{id}`,
    permission: "platform:job:get",
    mutating: false,
    errors: ["ACCESS_DENIED", "JOB_UNKNOWN"],
  }),
  cancelJob: operation({
    ...shown,
    id: "native:cancelJob",
    summary: "Asks a job to end. It does so between two steps at the latest, after what its steps did was undone.",
    methods: POST,
    status: 202,
    path: `${BASE}/jobs/{id}/cancellation`,
    permission: "platform:job:cancel",
    mutating: true,
    errors: ["ACCESS_DENIED", "JOB_UNKNOWN", "JOB_ENDED"],
  }),
  deleteJob: operation({
    ...shown,
    id: "native:deleteJob",
    summary: "Removes a job that has ended from the list.",
    methods: DELETE,
    status: 204,
    path: `${BASE}/jobs/{id}`,
    permission: "platform:job:delete",
    mutating: true,
    output: Type.Object({}),
    answer: noContent,
    errors: ["ACCESS_DENIED", "JOB_UNKNOWN", "JOB_RUNNING"],
    example: { input: { jobId: exampleJob.jobId }, output: {} },
  }),
};
