import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { readRepositoryFile, repositoryRoot } from "./repository.ts";
import { type RunningServer, runCommand } from "./server.ts";

/** A command line that a guide shows. */
export interface GuideCommand {
  /** As printed. */
  readonly line: string;
  /** Split as a shell does it, quotes taken off; without the redirection. */
  readonly words: readonly string[];
  /** Where `> file` sends what it prints. */
  readonly output: string | undefined;
}

/** The commands of a guide's code blocks, in its order: lines that begin with npx or npm run. */
export function guideCommands(path: string): GuideCommand[] {
  const blocks = readRepositoryFile(path).text.matchAll(/^```\n(.*?)^```$/gms);
  const lines = [...blocks].flatMap(([, block = ""]) => block.split("\n"));
  return lines.filter((line) => /^np(x|m run) /.test(line)).map(parse);
}

function parse(line: string): GuideCommand {
  const [command = "", output] = line.split(" > ");
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, ...forms]) => forms.join(""));
  return { line, words, output };
}

/**
 * Judges what a command printed: its JSON (of JSON.parse's own type: what is not there fails the test), or its text.
 * @returns values for names that later commands use, or nothing
 */
export type Learn = (answer: ReturnType<typeof JSON.parse>) => unknown;

export interface GuideRun {
  readonly server: RunningServer;
  /** Where the guide's files (`trust.json`) go. */
  readonly folder: string;
  /** What stands for the names in capitals at the beginning. */
  readonly places: Readonly<Record<string, string>>;
  /** By the words that a command begins with, without `npx concordat`. */
  readonly lessons: Readonly<Record<string, Learn>>;
}

/** Runs every command, each of which must succeed and every lesson of which must be used. */
export async function runGuide(commands: readonly GuideCommand[], run: GuideRun): Promise<void> {
  const places = new Map(Object.entries(run.places));
  const unused = new Set(Object.keys(run.lessons));
  const resolve = (word: string) => {
    if (word.endsWith(".json")) return join(run.folder, word);
    if (/^[A-Z]+(_[A-Z]+)+$/.test(word)) expect(places.get(word), `nothing says what ${word} is`).toBeDefined();
    return places.get(word) ?? word;
  };
  for (const { line, words, output } of commands) {
    const stdout = await runWords(words.map(resolve), line, run.server);
    if (output !== undefined) await writeFile(join(run.folder, output), stdout);
    const name = Object.keys(run.lessons).find((begin) => lessonWords(words).startsWith(`${begin} `));
    if (name === undefined) continue;
    unused.delete(name);
    const learnt = await run.lessons[name]?.(answerOf(stdout));
    for (const [place, value] of Object.entries(learnt ?? {})) {
      expect(value, `${line} answered no ${place}`).toEqual(expect.any(String));
      places.set(place, String(value));
    }
  }
  expect([...unused]).toEqual([]);
}

/** `npx concordat chain list` is known as `chain list`, `npx ltl-demo` by itself, `npm run x` as `x`. */
function lessonWords(words: readonly string[]): string {
  return `${words.slice(words[1] === "concordat" || words[0] === "npm" ? 2 : 1).join(" ")} `;
}

function answerOf(stdout: string): ReturnType<typeof JSON.parse> {
  return /^[[{]/.test(stdout) ? JSON.parse(stdout) : stdout;
}

async function runWords(words: readonly string[], line: string, server: RunningServer): Promise<string> {
  const [starter, program = "", ...rest] = words;
  if (starter === "npm") return runScript(rest[0] ?? "", server);
  if (program === "ltl-demo") return runFile("packages/device/bin/ltl-demo.js", ...rest);
  const data = rest[0] === "verify-receipt" ? [] : ["--data", server.dataFolder];
  const { exitCode, stdout, stderr } = await runCommand(server, [...rest, ...data]);
  expect(exitCode, `${line}: ${stderr}`).toBe(0);
  return stdout;
}

/** An example's npm script, against this server. */
function runScript(name: string, server: RunningServer): Promise<string> {
  const { scripts } = JSON.parse(readRepositoryFile("package.json").text);
  const file = /^node (examples\/\S+)$/.exec(scripts[name])?.[1];
  expect(file, `there is no script ${name}`).toBeDefined();
  return runFile(file ?? "", join(server.dataFolder, "bootstrap.json"));
}

async function runFile(path: string, ...words: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [join(repositoryRoot, path), ...words])).stdout;
}
