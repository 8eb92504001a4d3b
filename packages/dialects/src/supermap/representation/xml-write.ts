/** Characters that XML 1.0 has no way to write. */
const BEYOND_XML =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
};
const ELEMENT_NAME = /^[A-Za-z_][A-Za-z0-9._-]*$/;

/** Text for element content, attribute values and HTML. What XML cannot carry becomes U+FFFD. */
export function escapeMarkup(text: string): string {
  return text.replaceAll(BEYOND_XML, "\ufffd").replaceAll(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);
}

/**
 * A value as an XML document: an object's members in order, a list as `<list>` of elements named after the type of its items.
 * @source iServer REST API, XML representation
 */
export function xmlDocument(typeName: string, value: unknown): string {
  const root = Array.isArray(value) ? element("list", listContent(value, typeName)) : element(typeName, content(value));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;
}

function element(name: string, inner: string): string {
  // A member whose name cannot be an element's is kept under a name that can.
  return ELEMENT_NAME.test(name)
    ? `<${name}>${inner}</${name}>`
    : `<entry key="${escapeMarkup(name)}">${inner}</entry>`;
}

function content(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return listContent(value, typeof value[0] === "object" ? "Item" : "String");
  if (typeof value !== "object") return escapeMarkup(String(value));
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => element(name, content(member)))
    .join("");
}

function listContent(items: readonly unknown[], itemName: string): string {
  return items.map((item) => element(itemName, content(item))).join("");
}
