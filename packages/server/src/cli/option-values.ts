import { type CommandOption, limits } from "@concordat/api-kit";
import { bytesToBase64, type FileHandle, type FileSystem } from "@concordat/base";
import { InvalidArgumentError } from "commander";
import { serverFault, systemCode } from "../errors.ts";
import { readInputFile } from "./json-file.ts";

/** Base64 makes four characters of three bytes, and the body holds some more. */
const FILE_BYTES_MAX = Math.floor((limits.fileBodyBytesMax * 3) / 4) - 65_536;

/** A value that stands in a file, which is read when the command runs. */
class Deferred {
  readonly read: (fileSystem: FileSystem) => Promise<unknown>;

  constructor(read: Deferred["read"]) {
    this.read = read;
  }
}

/** For commander: reads one occurrence of the option. Occurrences of a repeated one are gathered. */
export function valueParser(option: CommandOption): (text: string, previous: unknown) => unknown {
  const parse = (text: string) => deferred(option, text) ?? parsed(text, option);
  if (!option.repeated) return parse;
  return (text, previous) => [...(Array.isArray(previous) ? previous : []), parse(text)];
}

/** The field's value, with files read. @throws ConcordatError FILE_UNREADABLE, FILE_TOO_LARGE */
export async function readValue(option: CommandOption, value: unknown, fileSystem: FileSystem): Promise<unknown> {
  if (!option.repeated || !Array.isArray(value)) return read(value, fileSystem);
  const members: unknown[] = await Promise.all(value.map((each) => read(each, fileSystem)));
  return option.form === "name=value" ? recordOf(members) : members;
}

/** @throws ConcordatError FILE_UNREADABLE, FILE_TOO_LARGE */
export async function readFileContent(fileSystem: FileSystem, path: string): Promise<Uint8Array> {
  const file = await fileSystem.open(path, { readOnly: true }).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    return await contentOf(file, path);
  } finally {
    await file.close();
  }
}

async function contentOf(file: FileHandle, path: string): Promise<Uint8Array> {
  const size = await file.size();
  if (size > FILE_BYTES_MAX) throw tooLarge(path);
  const bytes = new Uint8Array(size);
  const length = await file.read(bytes, 0).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  return bytes.subarray(0, length);
}

export function requireSendable(bytes: Uint8Array, what: string): Uint8Array {
  if (bytes.length > FILE_BYTES_MAX) throw tooLarge(what);
  return bytes;
}

function tooLarge(what: string) {
  return serverFault("FILE_TOO_LARGE", `${what} has more than ${FILE_BYTES_MAX} bytes, which a call cannot carry.`);
}

function unreadable(path: string, cause: unknown) {
  return serverFault("FILE_UNREADABLE", `${path} cannot be read (${systemCode(cause) ?? "no reason given"}).`, {
    cause,
  });
}

function deferred(option: CommandOption, text: string): Deferred | undefined {
  if (option.form === "file") {
    return new Deferred(async (fileSystem) => bytesToBase64(await readFileContent(fileSystem, text)));
  }
  if (option.form === "json" && text.startsWith("@")) {
    const path = text.slice(1);
    return new Deferred(async (fileSystem) => jsonOf(option, path, await readInputFile(fileSystem, path)));
  }
  const [, name, path] = option.form === "name=value" ? (/^([^=]+)=@(.+)$/s.exec(text) ?? []) : [];
  if (name === undefined || path === undefined) return undefined;
  return new Deferred(async (fileSystem) => [name, bytesToBase64(await readFileContent(fileSystem, path))]);
}

function parsed(text: string, option: CommandOption): unknown {
  const value = option.parse(text);
  if (value === undefined) throw new InvalidArgumentError(option.description);
  return value;
}

function jsonOf(option: CommandOption, path: string, text: string): unknown {
  const content = option.parse(text);
  if (content !== undefined) return content;
  throw serverFault("FILE_UNREADABLE", `${path} does not hold what --${option.name} takes.`, {
    remedy: option.description,
  });
}

async function read(value: unknown, fileSystem: FileSystem): Promise<unknown> {
  return value instanceof Deferred ? value.read(fileSystem) : value;
}

function recordOf(pairs: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(pairs.flatMap((pair) => (Array.isArray(pair) ? [[String(pair[0]), pair[1]]] : [])));
}
