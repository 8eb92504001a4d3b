import { invalidParameter, LtlRefusal } from "./errors.ts";

/** Characters that XML 1.0 has no way to write, not even as a character reference. */
const BEYOND_XML =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const BEYOND_XML_ALL = new RegExp(BEYOND_XML.source, "g");
const SPECIAL = /[&<>\r]/;
const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;" };

/**
 * Writes a JSON-like value as elements: an object's fields in order, a list as the repeated element of its name, as the document prints it.
 * @throws LtlRefusal InvalidParameter.Format when a text holds a character that XML cannot carry: data is never altered silently
 */
export function xmlElement(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => xmlElement(name, item)).join("");
  return `<${name}>${xmlContent(value)}</${name}>`;
}

function xmlContent(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, item]) => xmlElement(name, item))
      .join("");
  }
  const text = String(value);
  if (BEYOND_XML.test(text)) {
    throw new LtlRefusal(invalidParameter("Format"), "The answer holds a character that XML cannot carry.", {
      remedy: "Ask for it with Format=JSON.",
    });
  }
  return escapeXml(text);
}

/** For messages: what XML cannot carry becomes U+FFFD. */
export function xmlMessage(text: string): string {
  return escapeXml(text.replaceAll(BEYOND_XML_ALL, "\ufffd"));
}

function escapeXml(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text.replaceAll(/[&<>\r]/g, (character) => ESCAPES[character] ?? character);
}
