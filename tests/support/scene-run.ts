import type { DeviceProvisioning } from "@concordat/device";
import { verifyReceipt } from "@concordat/verifier/node";
import { expect } from "vitest";
import { headerHash } from "./header-hash.ts";
import { buildJava, isMissingArtifact, runJava } from "./java.ts";
import { createSceneWorld, type SceneWorld, sceneSettings } from "./ltl-scenes.ts";
import { newInstallation, type RunningServer, startServer } from "./server.ts";

/** A call of the scenes' program: what the answer's getters returned. */
interface Step {
  readonly step: string;
  readonly action: string;
  readonly answer: { readonly data: unknown };
}

/** Where a record stands, as the answers say it. */
export interface Placed {
  readonly blockHash: string;
  readonly previousHash: string;
  readonly dataHash: string;
  readonly blockNumber: number;
  readonly timestamp: number;
  readonly transactionHash: string;
}

/** The scenes' program has run against a server of its own, to its end. */
export interface SceneRun {
  readonly server: RunningServer;
  readonly world: SceneWorld;
  readonly settings: ReturnType<typeof sceneSettings>;
  /** Of every call, in order. */
  readonly actions: readonly string[];
  answerOf(step: string): Step["answer"] | undefined;
  dataOf<Data>(step: string): Data;
  /** A business chain as the native API describes it. */
  chainOf(name: string): Readonly<Record<string, unknown>>;
  /** The transaction's own receipt says the same of block and time, and its arguments hold the content. */
  expectPlaced(placed: Placed, content: string): Promise<void>;
}

/** A jar of aliyun-java-sdk-ltl 1.5.3, for machines whose package mirror does not have it. */
const jar = process.env["CONCORDAT_LTL_SDK_JAR"];

/** @returns the class path; undefined where the product's package is not to be had */
export async function buildScenes(): Promise<string | undefined> {
  try {
    const mavenOptions = jar === undefined ? [] : [`-Dltl.jar=${jar}`];
    return await buildJava({ folder: "scenes", output: "scenes", mavenOptions });
  } catch (error) {
    if (!isMissingArtifact(error)) throw error;
    console.warn("The package mirror does not have aliyun-java-sdk-ltl; give its jar as CONCORDAT_LTL_SDK_JAR.");
    return undefined;
  }
}

export async function runScenes(classPath: string): Promise<SceneRun> {
  const server = await startServer(await newInstallation("scenes"));
  const world = await createSceneWorld(server.bootstrap);
  const settings = sceneSettings(server.bootstrap, world);
  const stdout = await runJava(classPath, "ltl.scenes.Main", { input: JSON.stringify(settings) });
  const list: Step[] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const steps = new Map(list.map((step) => [step.step, step]));
  if (steps.size !== list.length) throw new Error("Two calls of the scenes have one name.");
  const { chains } = (await world.native.get("/chains")).body;
  return {
    server,
    world,
    settings,
    actions: list.map(({ action }) => action),
    answerOf: (step) => steps.get(step)?.answer,
    // What it is, the tests compare in full.
    dataOf: <Data>(step: string) => steps.get(step)?.answer.data as Data,
    chainOf: (name) => (Array.isArray(chains) ? chains.find((chain) => chain.name === name) : undefined) ?? {},
    async expectPlaced(placed, content) {
      expect(placed.blockHash).toBe(headerHash(placed.blockNumber, placed.previousHash, placed.dataHash));
      const receipt = await world.native.receipt(placed.transactionHash);
      const { status, facts } = verifyReceipt(receipt, await world.native.trustBundle());
      expect(status).toBe("valid");
      expect(facts).toMatchObject({
        txId: placed.transactionHash,
        block: placed.blockNumber,
        headerHash: placed.blockHash,
      });
      expect(Date.parse(facts?.transaction?.time ?? "")).toBe(placed.timestamp);
      expect(facts?.transaction?.arguments.map(({ value }) => value).join("\n")).toContain(content);
    },
  };
}

export const hashForm = expect.stringMatching(/^[0-9a-f]{64}$/);
export const idForm = expect.stringMatching(/^[0-9]{16}$/);

/** Every field of an answer of success. */
export const accepted = (data: unknown) => ({
  code: 200,
  data,
  message: "",
  requestId: expect.stringMatching(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/),
  success: true,
});

/** The answer of an action that says nothing but that it was done. */
export const done = accepted("");

/** The only page of a list, as the scenes ask for it. */
export const page = (pageData: readonly unknown[]) => accepted({ num: 1, pageData, size: 10, total: pageData.length });

/** A record of a phase; its block is judged by {@link SceneRun.expectPlaced}. */
export const record = (dataValue: string, relatedDataList: readonly unknown[], device?: DeviceProvisioning) => ({
  blockHash: hashForm,
  blockNumber: expect.any(Number),
  dataHash: hashForm,
  dataValue,
  iotId: device?.iotId ?? "",
  previousHash: hashForm,
  productKey: device?.productKey ?? "",
  relatedDataList,
  timestamp: expect.any(Number),
  transactionHash: hashForm,
});
