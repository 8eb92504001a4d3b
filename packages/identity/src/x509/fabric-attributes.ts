/** Fabric's extension for the attributes of a client: JSON `{"attrs": {name: text}}`. */
export const FABRIC_ATTRIBUTES = "1.2.3.4.5.6.7.8.1";

/** @throws RangeError or SyntaxError */
export function attributesOf(json: string): Readonly<Record<string, string>> {
  const document: unknown = JSON.parse(json);
  const attributes = typeof document === "object" && document !== null && "attrs" in document ? document.attrs : {};
  if (typeof attributes !== "object" || attributes === null) throw new RangeError("Malformed attributes.");
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
}
