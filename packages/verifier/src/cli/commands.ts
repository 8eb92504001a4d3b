import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseTrustBundle } from "../core/trust.ts";
import { verifyReceipt } from "../core/verify-receipt.ts";
import { type VerifyLedgerOptions, verifyLedger } from "../ledger/verify-ledger.ts";
import { nodeCrypto } from "../node-crypto.ts";
import { ledgerText, receiptText } from "./text.ts";

/** Where a command writes; each call is whole lines. */
export interface CommandIo {
  out(text: string): void;
  error(text: string): void;
}

/** 0: it holds. 1: it does not. 2: the command was misused, or a file could not be read. */
export type ExitCode = 0 | 1 | 2;

const RECEIPT_USAGE = "Usage: verify-receipt FILE [--trust BUNDLE] [--json]\n";
const LEDGER_USAGE = "Usage: verify --data DIR [--since CHECKPOINT_FILE] [--trust BUNDLE] [--json]\n";

/** `verify-receipt FILE --trust BUNDLE [--json]`: judges one receipt. Only `valid` gives 0. */
export async function runVerifyReceipt(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  return guarded(io, RECEIPT_USAGE, async () => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { trust: { type: "string" }, json: { type: "boolean", default: false } },
    });
    const [file] = positionals;
    if (file === undefined || positionals.length !== 1) throw new UsageError("Name one receipt file.");
    const text = readText(file);
    const trust = values.trust === undefined ? undefined : readTrust(values.trust);
    const verdict = verifyReceipt(parseJson(text), trust, nodeCrypto);
    io.out(values.json ? `${JSON.stringify(verdict, null, 2)}\n` : receiptText(verdict));
    return verdict.status === "valid" ? 0 : 1;
  });
}

/** `verify --data DIR [--since CHECKPOINT_FILE] [--trust BUNDLE] [--json]`: checks every channel of an installation. */
export async function runVerifyLedger(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  return guarded(io, LEDGER_USAGE, async () => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        data: { type: "string" },
        since: { type: "string" },
        trust: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    if (values.data === undefined) throw new UsageError("Name the data folder.");
    const options: VerifyLedgerOptions = {
      directory: values.data,
      ...(values.since === undefined ? {} : { since: readText(values.since) }),
      ...(values.trust === undefined ? {} : { trust: readTrust(values.trust) }),
    };
    const report = await verifyLedger(options);
    io.out(values.json ? `${JSON.stringify(report, null, 2)}\n` : ledgerText(report));
    return report.valid ? 0 : 1;
  });
}

class UsageError extends Error {}

async function guarded(io: CommandIo, usage: string, run: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const misused = error instanceof UsageError || (error instanceof TypeError && "code" in error);
    io.error(misused ? `${message}\n${usage}` : `${message}\n`);
    return 2;
  }
}

function readText(path: string): string {
  return readFileSync(path, "utf8");
}

/** What is not JSON is no receipt: the verifier says so of the text itself. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readTrust(path: string): unknown {
  const json = parseJson(readText(path));
  parseTrustBundle(json);
  return json;
}
