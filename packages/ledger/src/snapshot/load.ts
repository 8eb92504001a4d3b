import { join } from "node:path";
import { base64ToBytes, type FileSystem } from "@concordat/base";
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import { decodeConfigEnvelope } from "../encoding/config.ts";
import { ledgerErrors } from "../errors.ts";
import type { ChannelConfig } from "../ports.ts";
import type { StateRow } from "../state/ports.ts";
import { CONFIGS_FILE, METERS_FILE, readLines, readText, STATE_FILE, TRANSACTIONS_FILE } from "./files.ts";

const Place = Type.Integer({ minimum: 0 });
const stateLine = TypeCompiler.Compile(
  Type.Object({ namespace: Type.String(), key: Type.String(), block: Place, index: Place, value: Type.String() }),
);
const transactionLine = TypeCompiler.Compile(Type.String({ maxLength: 255 }));
const configLine = TypeCompiler.Compile(Type.Object({ block: Place, configEnvelope: Type.String() }));
const meters = TypeCompiler.Compile(Type.Record(Type.String(), Type.Record(Type.String(), Type.Number())));

/** A snapshot's rows, read back one by one. @throws LedgerError SNAPSHOT_INVALID */
export async function* readStateRows(fileSystem: FileSystem, directory: string): AsyncGenerator<StateRow> {
  for await (const line of readLines(fileSystem, join(directory, STATE_FILE))) {
    const { namespace, key, block, index, value } = parse(stateLine, line);
    yield { namespace, key, value: base64ToBytes(value), version: { block, index } };
  }
}

export async function* readTransactionIds(fileSystem: FileSystem, directory: string): AsyncGenerator<string> {
  for await (const line of readLines(fileSystem, join(directory, TRANSACTIONS_FILE)))
    yield parse(transactionLine, line);
}

/** Every configuration before the snapshot, oldest first. */
export async function readConfigs(
  fileSystem: FileSystem,
  directory: string,
): Promise<readonly { readonly block: number; readonly config: ChannelConfig; readonly sequence: number }[]> {
  const configs = [];
  for await (const line of readLines(fileSystem, join(directory, CONFIGS_FILE))) {
    const { block, configEnvelope } = parse(configLine, line);
    configs.push({ block, ...decodeConfigEnvelope(base64ToBytes(configEnvelope)) });
  }
  return configs;
}

export async function readMeters(
  fileSystem: FileSystem,
  directory: string,
): Promise<Readonly<Record<string, Readonly<Record<string, number>>>>> {
  return parse(meters, await readText(fileSystem, join(directory, METERS_FILE)));
}

function parse<Schema extends TSchema>(check: TypeCheck<Schema>, text: string): Static<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw ledgerErrors.snapshotInvalid("A line of the snapshot is not JSON.", cause);
  }
  if (!check.Check(value)) throw ledgerErrors.snapshotInvalid("A line of the snapshot does not have its form.");
  return value;
}
