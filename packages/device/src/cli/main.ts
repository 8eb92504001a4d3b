import { parseArgs } from "node:util";
import { DeviceError } from "../device-error.ts";
import { DeviceSigner, USER_DATA_BYTES_MAX } from "../device-signer.ts";
import { IDENTITY_VARIABLE } from "../ltl.ts";
import { readProvisioning } from "../provisioning.ts";
import { type RandomSource, systemNowMs, systemRandom } from "../system.ts";

/** Everything that the command touches outside. */
export interface DemoIo {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Standard input; read only where no data is given. */
  readonly input: AsyncIterable<Uint8Array>;
  out(text: string): void;
  error(text: string): void;
  /** By default the system's. */
  readonly random?: RandomSource;
  nowMs?(): number;
}

/** 0: signed. 1: the identity, or the data, cannot be used. 2: the command was misused. */
export type ExitCode = 0 | 1 | 2;

const HELP = `Usage: ltl-demo [options] [DATA]

Signs DATA, or what comes on standard input (every byte of it, a last line end too), as a device, and prints the six
device parameters of an upload.

Options:
  --identity FILE   provisioning file of the device; by default the file that ${IDENTITY_VARIABLE} names
  --query           prints a query string instead of JSON
  --source NUMBER   IotIdSource: 1 open platform, 2 IoT platform (default)
  --timestamp MS    the device's time in milliseconds since 1970; by default now
  --help            prints this text

Exit codes: 0 signed; 1 the identity or the data cannot be used; 2 the command was misused.
`;

const argumentForms = {
  identity: { type: "string" },
  query: { type: "boolean", default: false },
  source: { type: "string", default: "2" },
  timestamp: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

class MisuseError extends Error {}

/** `ltl-demo`: signs once and ends. */
export async function main(args: readonly string[], io: DemoIo): Promise<ExitCode> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: argumentForms });
    if (values.help) {
      io.out(HELP);
      return 0;
    }
    if (positionals.length > 1) throw new MisuseError("Give the data as one argument: put it in quotes.");
    if (values.source !== "1" && values.source !== "2") throw new MisuseError("--source is 1 or 2.");
    const path = values.identity ?? io.environment[IDENTITY_VARIABLE];
    if (path === undefined || path === "") throw new MisuseError(`Give --identity, or set ${IDENTITY_VARIABLE}.`);
    const identity = readProvisioning(path);
    const signer = new DeviceSigner({ identity }, { random: io.random ?? systemRandom });
    const timestamp = values.timestamp ?? String((io.nowMs ?? systemNowMs)());
    const parameters = signedParameters(signer, positionals[0] ?? (await readAll(io)), timestamp, values.source);
    io.out(values.query ? `${queryText(parameters)}\n` : `${JSON.stringify(parameters, null, 2)}\n`);
    return 0;
  } catch (error) {
    return refusal(error, io);
  }
}

function signedParameters(signer: DeviceSigner, data: string, timestamp: string, source: string) {
  try {
    const signed = signer.sign(data, timestamp);
    return {
      IotAuthType: signed.iotAuthType,
      IotId: signed.iotId,
      IotIdServiceProvider: signed.iotIdServiceProvider,
      IotDataDigest: signed.iotDataDigest,
      IotSignature: signed.iotSignature,
      IotIdSource: source,
    };
  } finally {
    signer.clear();
  }
}

function queryText(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}

function refusal(error: unknown, io: DemoIo): ExitCode {
  if (error instanceof DeviceError) {
    io.error(`${error.message}\n`);
    return 1;
  }
  // parseArgs throws a TypeError with a code for what it does not know.
  if (error instanceof MisuseError || (error instanceof TypeError && "code" in error)) {
    io.error(`${error.message}\nltl-demo --help says more.\n`);
    return 2;
  }
  throw error;
}

async function readAll({ input }: DemoIo): Promise<string> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of input) {
    total += chunk.length;
    if (total > USER_DATA_BYTES_MAX) {
      throw new DeviceError("INPUT_INVALID", `Standard input holds more than ${USER_DATA_BYTES_MAX} bytes.`);
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new DeviceError("INPUT_INVALID", "Standard input is not UTF-8.");
  }
}
