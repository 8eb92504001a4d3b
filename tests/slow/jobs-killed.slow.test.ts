import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repositoryRoot } from "../support/repository.ts";
import { temporaryFolder } from "../support/temporary.ts";

/* A process that is killed at every passage of a job's steps, one after the other over the same files. */

const program = join(repositoryRoot, "tests/support/job-process.ts");
const stepNames = ["network", "nodes", "entry"];
const things = ["network", "node0", "node1", "node2", "entry"];

async function run(folder: string, number: number, passage: number) {
  const child = spawn(process.execPath, [program, folder, String(number), String(passage)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code, signal] = await once(child, "exit");
  return { code, signal };
}

test("every job ends once, its finished steps never run again, and each thing is made once", async () => {
  const folder = await temporaryFolder("jobs");
  let count = 0;
  for (; ; count++) {
    const { code, signal } = await run(folder, count, count);
    if (signal === null) {
      expect(code).toBe(0);
      break;
    }
    expect(signal).toBe("SIGKILL");
  }
  // The last job was not killed.
  const jobCount = count + 1;
  expect(count).toBeGreaterThan(15);

  const lines = (await readFile(join(folder, "steps.log"), "utf8")).trim().split("\n");
  const requests = (await readFile(join(folder, "requests.log"), "utf8")).trim().split("\n");
  const made = (await readdir(folder)).filter((name) => name.startsWith("00000000-"));
  expect(made).toHaveLength(jobCount * things.length);
  for (let number = 0; number < jobCount; number++) {
    const jobId = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
    const own = lines.filter((line) => line.startsWith(jobId)).map((line) => line.slice(jobId.length + 1));
    expect(own.at(-1)).toBe("ended succeeded");
    const begun = own.slice(0, -1).map((line) => line.slice("begin ".length));
    // In order, with the step that was cut off at most once more.
    expect([...new Set(begun)]).toEqual(stepNames);
    expect(begun).toEqual([...begun].sort((a, b) => stepNames.indexOf(a) - stepNames.indexOf(b)));
    expect(begun.length).toBeLessThanOrEqual(stepNames.length + 1);
    const asked = requests.filter((line) => line.startsWith(jobId));
    expect(asked.length).toBeLessThanOrEqual(things.length + 1);
    expect(new Set(asked).size).toBe(things.length);
  }
  const entries: { action: string; id: string; isOnLedger: boolean }[] = JSON.parse(
    await readFile(join(folder, "entries.json"), "utf8"),
  );
  const ends = entries.filter(({ action }) => action === "platform:job:end").map(({ id }) => id);
  expect(new Set(ends).size).toBe(ends.length);
  expect(ends).toHaveLength(jobCount);
  expect(entries.every(({ isOnLedger }) => isOnLedger)).toBe(true);
});
