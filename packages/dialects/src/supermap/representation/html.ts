import { type Format, formats } from "./formats.ts";
import { escapeMarkup } from "./xml-write.ts";

/** One field of a page's form. */
export interface FormField {
  readonly name: string;
  readonly type: "text" | "password" | "number" | readonly string[];
  readonly value?: string;
}

/** What a page says beside the value. */
export interface PageFrame {
  readonly title: string;
  /** Path of the resource without its suffix. */
  readonly resource: string;
  readonly methods: readonly string[];
  /** The page lets its reader send this. */
  readonly form?: readonly FormField[];
}

/** A browsable page: the value, the resource's methods and its other representations. */
export function htmlPage(value: unknown, frame: PageFrame): string {
  const title = escapeMarkup(frame.title);
  const links = formats.map((format) => `<a href="${escapeMarkup(linkTo(frame, format))}">${format}</a>`);
  const body = frame.form === undefined ? shown(value) : formOf(frame.form);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body>
<h1>${title}</h1>
${body}
<p>Methods: ${frame.methods.join(", ")}</p>
<p>Formats: ${links.join(", ")}</p>
</body></html>
`;
}

function linkTo({ resource }: PageFrame, format: Format): string {
  return `${resource}.${format}`;
}

function shown(value: unknown): string {
  if (typeof value !== "object" || value === null) return `<pre>${escapeMarkup(String(value))}</pre>`;
  const rows = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `<tr><th scope="row">${escapeMarkup(name)}</th><td>${shown(member)}</td></tr>`);
  return `<table>${rows.join("")}</table>`;
}

function formOf(fields: readonly FormField[]): string {
  const inputs = fields.map((field) => `<p><label>${escapeMarkup(field.name)} ${inputOf(field)}</label></p>`);
  return `<form method="post">${inputs.join("")}<p><button>Send</button></p></form>`;
}

function inputOf({ name, type, value = "" }: FormField): string {
  if (typeof type === "string") {
    return `<input name="${escapeMarkup(name)}" type="${type}" value="${escapeMarkup(value)}" autocomplete="off">`;
  }
  const options = type.map((each) => `<option${each === value ? " selected" : ""}>${escapeMarkup(each)}</option>`);
  return `<select name="${escapeMarkup(name)}">${options.join("")}</select>`;
}
