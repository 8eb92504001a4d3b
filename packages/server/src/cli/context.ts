import { type FileSystem, nodeFileSystem } from "@concordat/base";

/** What commands need of the world around them. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fileSystem: FileSystem;
  /** Results, for people or programs. */
  print(text: string): void;
  /** Everything else. */
  warn(text: string): void;
}

export const EXIT = {
  done: 0,
  /** Refused, failed, or checked and found wrong. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** A defect of the program. */
  internal: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function processContext(): CommandContext {
  return {
    environment: process.env,
    fileSystem: nodeFileSystem,
    print: (text) => process.stdout.write(`${text}\n`),
    warn: (text) => process.stderr.write(`${text}\n`),
  };
}
