import type { Content, TransactionFacts } from "../core/transaction-facts.ts";
import type { ReceiptFacts, ReceiptVerdict } from "../core/verify-receipt.ts";
import type { ChannelReport } from "../ledger/channel.ts";
import type { LedgerReport } from "../ledger/verify-ledger.ts";

const STATUS_SENTENCES = {
  valid: "VALID: the ledger holds this transaction, and it took effect.",
  refused: "REFUSED: the ledger holds this transaction and says that it had no effect.",
  unauthenticated: "UNAUTHENTICATED: the receipt agrees with itself, but nothing shows whose keys signed it.",
  invalid: "INVALID: this receipt proves nothing.",
} as const;

/** A receipt's verdict for people; text from the receipt is escaped, so that it cannot steer a terminal. */
export function receiptText({ status, reasons, facts }: ReceiptVerdict): string {
  const lines: string[] = [STATUS_SENTENCES[status], ...reasons.map((reason) => `  - ${printable(reason)}`)];
  if (facts !== undefined) {
    lines.push("", status === "invalid" ? "What it claims (unproven):" : "What it says:", ...receiptRows(facts));
    if (facts.transaction !== undefined) lines.push(...transactionRows(facts.transaction));
  }
  return `${lines.join("\n")}\n`;
}

/** The report on a whole ledger for people. */
export function ledgerText({ valid, channels, faults, notes }: LedgerReport): string {
  const lines = channels.flatMap(channelRows);
  lines.push(...faults.map((fault) => `FAULT ${printable(fault)}`), ...notes.map((note) => `note: ${note}`));
  lines.push(valid ? "The ledger verifies." : "The ledger does NOT verify.");
  return `${lines.join("\n")}\n`;
}

function channelRows({
  origin,
  directory,
  height,
  transactions,
  kinds,
  root,
  authenticated,
  faults,
}: ChannelReport): string[] {
  const rows = [`${origin ?? directory}`, row("blocks", height), row("transactions", transactions)];
  if (kinds.optimistic > 0)
    rows.push(row("endorsed", `${kinds.optimistic}, with every signature and endorsement checked`));
  rows.push(row("root", root));
  if (authenticated) rows.push(row("signed", "every block by the keys of the trust bundle"));
  return [...rows, ...faults.map(({ block, message }) => `  FAULT at block ${block}: ${printable(message)}`)];
}

function receiptRows(facts: ReceiptFacts): string[] {
  return [
    row("log", facts.origin),
    row("block", `${facts.block}, index ${facts.index}, leaf ${facts.leafIndex} of ${facts.treeSize}`),
    row("header hash", facts.headerHash),
    row("transaction", facts.txId),
    row("kind", facts.kind),
    row("verdict", `${facts.validationName} (${facts.validationCode})`),
    row("envelope", facts.envelopeSha256),
    ...(facts.signedBy.length > 0 ? [row("signed by", facts.signedBy.join(", "))] : []),
  ];
}

function transactionRows(transaction: Omit<TransactionFacts, "nonceAndCreator">): string[] {
  const { creator, functionName, contract, time } = transaction;
  const rows = [row("time", time ?? "not stated")];
  if (creator !== undefined) {
    rows.push(row("creator", `${creator.commonName ?? "unnamed"} of ${creator.mspId}`));
    for (const [name, value] of Object.entries(creator.attributes)) rows.push(row("  attribute", `${name} = ${value}`));
  }
  if (contract !== undefined) rows.push(row("call", `${contract} ${functionName ?? ""}`));
  for (const endorser of transaction.endorsers)
    rows.push(row("endorsed by", `${endorser.commonName ?? "unnamed"} of ${endorser.mspId}`));
  rows.push(...transaction.arguments.map((argument) => row("  argument", contentText(argument))));
  for (const { namespace, key, isDelete, value } of transaction.writes) {
    rows.push(row("write", `${namespace} ${JSON.stringify(key)} ${isDelete ? "deleted" : `= ${contentText(value)}`}`));
  }
  return rows;
}

function row(name: string, value: string | number): string {
  return `  ${name.padEnd(13)} ${printable(String(value))}`;
}

function contentText({ encoding, value }: Content): string {
  return encoding === "utf8" ? value : `base64 ${value}`;
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
