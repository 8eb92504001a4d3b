import type { Content, TransactionFacts } from "../core/transaction-facts.ts";
import { type ReceiptFacts, type ReceiptVerdict, verifyReceipt } from "../core/verify-receipt.ts";
import type { PageDocument, PageElement, PageFile } from "./dom.ts";

declare const document: PageDocument;

const FILE_BYTES_MAX = 64 * 2 ** 20;
const HEADLINES = {
  valid: ["Valid", "The ledger holds this transaction, and it took effect."],
  refused: ["Refused", "The ledger holds this transaction and says that it had no effect."],
  unauthenticated: [
    "Unauthenticated",
    "The receipt agrees with itself, but nothing shows whose keys signed it. Add a trust bundle.",
  ],
  invalid: ["Invalid", "This receipt proves nothing."],
} as const;

/** What was loaded: undefined while nothing is; a text that is not JSON stays text, which no reader accepts. */
const loaded: { receipt: unknown; trust: unknown } = { receipt: undefined, trust: undefined };

wire("receipt");
wire("trust");
document.body.addEventListener("dragover", (event) => event.preventDefault());
document.body.addEventListener("drop", (event) => {
  event.preventDefault();
  for (const file of Array.from(event.dataTransfer?.files ?? [])) void load(file, undefined);
});

function wire(slot: "receipt" | "trust"): void {
  const input = elementOf(slot);
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file !== undefined) void load(file, slot);
  });
}

/** A dropped file goes where its `format` says it belongs. */
async function load(file: PageFile, chosen: "receipt" | "trust" | undefined): Promise<void> {
  const json = file.size > FILE_BYTES_MAX ? `${file.name} is too large` : parseJson(await file.text());
  const slot = chosen ?? (formatOf(json).startsWith("concordat-trust/") ? "trust" : "receipt");
  loaded[slot] = json;
  elementOf(`${slot}-name`).textContent = file.name;
  if (loaded.receipt !== undefined) show(verifyReceipt(loaded.receipt, loaded.trust));
}

function show({ status, reasons, facts }: ReceiptVerdict): void {
  const [title, sentence] = HEADLINES[status];
  const verdict = elementOf("verdict");
  verdict.dataset["status"] = status;
  verdict.hidden = false;
  verdict.replaceChildren(make("h2", title), make("p", sentence), list(reasons));
  const contents = elementOf("contents");
  contents.hidden = facts === undefined;
  if (facts === undefined) {
    contents.replaceChildren();
    return;
  }
  const heading = status === "invalid" ? "What it claims (unproven)" : "What it says";
  contents.replaceChildren(make("h2", heading), table(receiptRows(facts)), ...transactionParts(facts.transaction));
}

type Row = readonly [name: string, value: string];

function receiptRows(facts: ReceiptFacts): Row[] {
  return [
    ["Log", facts.origin],
    ["Block", `${facts.block} (index ${facts.index}, leaf ${facts.leafIndex} of ${facts.treeSize})`],
    ["Block header hash", facts.headerHash],
    ["Transaction", facts.txId],
    ["Kind", facts.kind],
    ["Verdict", `${facts.validationName} (${facts.validationCode})`],
    ["SHA-256 of the envelope", facts.envelopeSha256],
    ["Tree root", facts.root],
    ...(facts.sm3Root === undefined ? [] : ([["Tree root under SM3", facts.sm3Root]] as const)),
    ["Signed by", facts.signedBy.join(", ") || "no trusted key"],
  ];
}

function transactionParts(transaction: Omit<TransactionFacts, "nonceAndCreator"> | undefined): PageElement[] {
  if (transaction === undefined)
    return [make("p", "The receipt came without a readable envelope: its contents are known by their digest only.")];
  const { creator } = transaction;
  const rows: Row[] = [["Time", transaction.time ?? "not stated"]];
  if (creator !== undefined) rows.push(["Creator", `${creator.commonName ?? "unnamed"} of ${creator.mspId}`]);
  for (const [name, value] of Object.entries(creator?.attributes ?? {})) rows.push([`Creator's ${name}`, value]);
  if (transaction.contract !== undefined) rows.push(["Contract", transaction.contract]);
  if (transaction.functionName !== undefined) rows.push(["Function", transaction.functionName]);
  rows.push(...transaction.arguments.map((argument, at): Row => [`Argument ${at + 1}`, contentText(argument)]));
  const writes = transaction.writes.map(
    ({ namespace, key, isDelete, value }): Row => [
      `${namespace} ${JSON.stringify(key)}`,
      isDelete ? "(deleted)" : contentText(value),
    ],
  );
  const parts = [make("h2", "Contents of the envelope"), table(rows)];
  if (writes.length > 0) parts.push(make("h2", "Writes"), table(writes));
  return parts;
}

function table(rows: readonly Row[]): PageElement {
  const list = make("dl", "");
  for (const [name, value] of rows) list.append(make("dt", name), make("dd", value));
  return list;
}

function list(items: readonly string[]): PageElement {
  const element = make("ul", "");
  element.append(...items.map((item) => make("li", item)));
  element.hidden = items.length === 0;
  return element;
}

/** Text only: nothing from a file is ever read as markup. */
function make(name: string, text: string): PageElement {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}

function elementOf(id: string): PageElement {
  const element = document.getElementById(id);
  if (element === null) throw new TypeError(`The page has no element "${id}".`);
  return element;
}

function contentText({ encoding, value }: Content): string {
  return encoding === "utf8" ? value : `base64: ${value}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function formatOf(json: unknown): string {
  return typeof json === "object" && json !== null && "format" in json && typeof json.format === "string"
    ? json.format
    : "";
}
