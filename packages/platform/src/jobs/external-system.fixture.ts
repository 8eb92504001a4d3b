import { expect } from "vitest";
import { parseSteps } from "./job-row.ts";
import type { Gate, JobWorld } from "./jobs.fixture.ts";
import type { JobKind, StepContext } from "./ports.ts";

/** What a job makes outside the control store. It survives every process. */
export class ExternalSystem {
  readonly things = new Set<string>();
  /** How often each was asked for. */
  readonly requests = new Map<string, number>();
  /** Steps that were seen finished in the store, by whatever process. */
  readonly finishedSteps = new Set<string>();
  readonly faults: string[] = [];

  async make(name: string, gate: Gate): Promise<void> {
    await gate.pass();
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1);
    this.things.add(name);
    await gate.pass();
  }

  async unmake(name: string, gate: Gate): Promise<void> {
    await gate.pass();
    this.things.delete(name);
    await gate.pass();
  }
}

export interface BuildInput {
  readonly nodes: number;
}

export const stepNames = ["network", "nodes", "entry"];

/** A kind of three steps, one of them in pieces, that is undone by taking everything down. */
export function buildKind(world: JobWorld, external: ExternalSystem, gate: Gate): JobKind<BuildInput> {
  const nameOf = (context: StepContext<BuildInput>, part: string) => `${context.resource.id}/${part}`;
  /** A step begins only when its beginning is on disk, and never after its end was. */
  const requireBegun = async (context: StepContext<BuildInput>, name: string) => {
    await gate.pass();
    const row = await world.store.find(context.jobId);
    const statuses = parseSteps(row?.steps ?? "[]").map(({ status }) => status);
    const index = stepNames.indexOf(name);
    // A process that was held may begin what another has finished meanwhile; only then is the claim not its own.
    if (context.signal.aborted) return;
    expect(statuses.slice(0, index).every((status) => status === "succeeded")).toBe(true);
    expect(statuses[index]).toBe("running");
    external.faults.push(...(external.finishedSteps.has(name) ? [`${name} ran again`] : []));
    for (const earlier of stepNames.slice(0, index)) external.finishedSteps.add(earlier);
  };
  return {
    kind: "build",
    steps: [
      {
        name: "network",
        async run(context) {
          await requireBegun(context, "network");
          await external.make(nameOf(context, "network"), gate);
        },
      },
      {
        name: "nodes",
        stage: "machines",
        async run(context) {
          await requireBegun(context, "nodes");
          for (let node = Number(context.output["nodesMade"] ?? 0); node < context.input.nodes; node++) {
            await context.checkpoint((100 * node) / context.input.nodes);
            await external.make(nameOf(context, `node${node}`), gate);
            await context.save({ nodesMade: node + 1 });
          }
        },
      },
      {
        name: "entry",
        stage: "machines",
        async run(context) {
          await requireBegun(context, "entry");
          expect(context.output["nodesMade"]).toBe(context.input.nodes);
          await external.make(nameOf(context, "entry"), gate);
        },
      },
    ],
    async compensate(context) {
      const parts = ["entry", ...Array.from({ length: context.input.nodes }, (_, node) => `node${node}`), "network"];
      for (const part of parts) {
        await context.checkpoint(0);
        await external.unmake(nameOf(context, part), gate);
      }
    },
  };
}
