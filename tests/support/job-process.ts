import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLogger, systemClock, systemRandom } from "@concordat/base";
import { auditContract, collaborationContract, evidenceContract, tokenContract } from "@concordat/contracts";
import { createSealer } from "@concordat/identity";
import { openLedger } from "@concordat/ledger";
import {
  bootstrapInstallation,
  type Caller,
  createPlatform,
  ensureInstallationId,
  type JobKind,
  openSqliteControlStore,
  type StepContext,
} from "@concordat/platform";

/*
 * A whole platform in a process of its own: `job-process.ts <folder> <number> <passage>`. It brings the job of an earlier process to its
 * end, starts job <number> and kills itself (SIGKILL) at the given passage of it; where the job has fewer, it ends by itself.
 */

const [folder = "", number = "", dyingPassage = ""] = process.argv.slice(2);
const jobIdOf = (of: number | string) => `00000000-0000-4000-8000-${String(of).padStart(12, "0")}`;
let passages = 0;

function log(text: string): void {
  appendFileSync(join(folder, "steps.log"), `${text}\n`);
}

/** A place where the process of this job may die. */
function pass(jobId: string): void {
  if (jobId !== jobIdOf(number)) return;
  if (passages++ === Number(dyingPassage)) process.kill(process.pid, "SIGKILL");
}

/** A thing outside the control store, made once however often it is asked for. */
function make(jobId: string, name: string): void {
  pass(jobId);
  const path = join(folder, `${jobId}-${name}`);
  appendFileSync(join(folder, "requests.log"), `${jobId}-${name}\n`);
  if (!existsSync(path)) writeFileSync(path, name);
  pass(jobId);
}

function step(name: string, work: (context: StepContext<object>) => Promise<void>) {
  return {
    name,
    async run(context: StepContext<object>) {
      pass(context.jobId);
      log(`${context.jobId} begin ${name}`);
      await work(context);
      pass(context.jobId);
    },
  };
}

const kind: JobKind<object> = {
  kind: "build",
  steps: [
    step("network", async ({ jobId }) => make(jobId, "network")),
    step("nodes", async (context) => {
      for (let node = Number(context.output["made"] ?? 0); node < 3; node++) {
        await context.checkpoint(node * 33);
        make(context.jobId, `node${node}`);
        await context.save({ made: node + 1 });
        pass(context.jobId);
      }
    }),
    step("entry", async ({ jobId }) => make(jobId, "entry")),
  ],
};

const sealer = createSealer(new Uint8Array(32).fill(5), { random: systemRandom });
const store = await openSqliteControlStore(join(folder, "control.sqlite"));
const installationId = await ensureInstallationId(store, systemRandom);
const ledger = await openLedger(
  {
    directory: join(folder, "ledger"),
    installationId,
    contracts: [evidenceContract, collaborationContract, auditContract, tokenContract],
  },
  { clock: systemClock },
);
// Its jobs change no key. The platform's own test host is out of reach: it comes with suites that only a test runner can load.
const masterKey = { name: "fixed", remedy: "", introduce: async () => {}, forgetEarlier: async () => {} };
const host = { masterKey, sealedPlaces: [], sharesStore: false };
const dependencies = { ledger, store, sealer, host, clock: systemClock, random: systemRandom, log: silentLogger };
const platform = await createPlatform({}, dependencies);
const { accessKey } = await bootstrapInstallation(platform);
const { principal } = accessKey;
const tenantId = platform.provisioning.directory.tenantIdOf(principal);
const scope = { kind: "tenant", tenantId } as const;
const origin = { sourceAddress: undefined, requestId: `process ${number}` };
const caller: Caller = platform.authentication.callerOf(principal, { kind: "installation", id: "" }, scope, origin);

const { jobs } = platform;
jobs.register(kind);
const open = await jobs.list(caller, { statuses: ["pending", "running"], offset: 0, limit: 100 });
for (const { jobId } of open.items) log(`${jobId} ended ${(await jobs.ended(jobId)).status}`);
const resource = { kind: "warehouse", id: number, name: number };
const { jobId } = await jobs.start({ kind, caller, resource, input: {}, jobId: jobIdOf(number) });
log(`${jobId} ended ${(await jobs.ended(jobId)).status}`);
await platform.provisioning.auditOutbox.flush();
const page = await platform.audit.list(caller, { actionPrefix: "platform:job:", limit: 100 });
const entries = page.items.map(({ action, resource: { id }, txId }) => ({ action, id, isOnLedger: txId !== null }));
writeFileSync(join(folder, "entries.json"), JSON.stringify(entries));
await platform.close();
await ledger.close();
await store.close();
process.stdout.write(readFileSync(join(folder, "steps.log")));
