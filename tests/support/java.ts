import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { repositoryRoot } from "./repository.ts";

const run = promisify(execFile);
const BUILD_TRIES = 4;
const outputFolder = join(repositoryRoot, "tests/java/target");
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export interface JavaProject {
  /** Folder of its pom.xml, below tests/java. */
  readonly folder: string;
  /** Where its pom.xml puts what is built, below tests/java/target. */
  readonly output: string;
  readonly mavenOptions?: readonly string[];
}

/** Compiles a project; Maven fetches the official client on its first run. @returns the class path */
export async function buildJava({ folder, output, mavenOptions = [] }: JavaProject): Promise<string> {
  const classPathFile = join(outputFolder, output, "classpath.txt");
  const goals = ["compile", "dependency:build-classpath", `-Dmdep.outputFile=${classPathFile}`];
  const cwd = join(repositoryRoot, "tests/java", folder);
  for (let count = 1; ; count += 1) {
    try {
      await run("mvn", ["-q", "-B", "-U", ...mavenOptions, ...goals], { cwd, maxBuffer: OUTPUT_BYTES_MAX });
      break;
    } catch (error) {
      // A package mirror may fail for a moment; a real fault fails every time.
      if (count === BUILD_TRIES || isMissingArtifact(error)) throw error;
      await pause(5_000 * count);
    }
  }
  return [join(outputFolder, output, "classes"), readFileSync(classPathFile, "utf8").trim()].join(delimiter);
}

/** Whether the build failed because the mirror does not have a package; it was asked, and said no. */
export function isMissingArtifact(error: unknown): boolean {
  const { stdout, stderr } = error instanceof Object ? (error as { stdout?: unknown; stderr?: unknown }) : {};
  return /Could not find artifact/.test(`${stdout}${stderr}`);
}

/** @returns standard output */
export async function runJava(
  classPath: string,
  mainClass: string,
  options: { readonly environment?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<string> {
  const running = run("java", ["-Dfile.encoding=UTF-8", "-cp", classPath, mainClass], {
    env: { ...process.env, ...options.environment },
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  running.child.stdin?.end(options.input ?? "");
  return (await running).stdout;
}
