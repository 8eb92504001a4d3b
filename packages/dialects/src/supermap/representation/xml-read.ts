import { IserverRefusal } from "../errors.ts";

const DEPTH_MAX = 8;
const ELEMENTS_MAX = 1_000;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

type XmlValue = string | { readonly [name: string]: XmlValue | readonly XmlValue[] };

/**
 * The members of an XML document's root element, as the JSON form of the same entity would have them: an element with elements is an
 * object, repeated elements are a list, everything else is text. Declarations of types, processing instructions and attributes are
 * refused: no entity of this API has them, and they are what makes XML dangerous to read.
 * @throws IserverRefusal 400
 */
export function readXmlEntity(text: string): object {
  const reader = new Reader(text.replace(/^\ufeff?\s*(?:<\?xml [^<>]*\?>)?\s*/, ""));
  const root = reader.element(0);
  reader.end();
  if (typeof root === "string") {
    if (root.trim() === "") return {};
    throw malformed();
  }
  return root;
}

class Reader {
  readonly #text: string;
  #offset = 0;
  #elements = 0;

  constructor(text: string) {
    this.#text = text;
  }

  element(depth: number): XmlValue {
    this.#elements += 1;
    if (depth > DEPTH_MAX || this.#elements > ELEMENTS_MAX) throw malformed();
    const [, name = "", isEmpty] = this.#take(/<([A-Za-z_][A-Za-z0-9._-]{0,127})\s*(\/?)>/y);
    if (isEmpty === "/") return "";
    const members = new Map<string, XmlValue[]>();
    let text = this.#characters();
    while (!this.#text.startsWith("</", this.#offset)) {
      const child = /<([A-Za-z_][A-Za-z0-9._-]{0,127})/y;
      child.lastIndex = this.#offset;
      const childName = child.exec(this.#text)?.[1] ?? "";
      const value = this.element(depth + 1);
      members.set(childName, [...(members.get(childName) ?? []), value]);
      text += this.#characters();
    }
    if (this.#take(/<\/([A-Za-z_][A-Za-z0-9._-]{0,127})\s*>/y)[1] !== name) throw malformed();
    if (members.size === 0) return text;
    if (text.trim() !== "") throw malformed();
    return Object.fromEntries(
      [...members].map(([key, values]) => [key, values.length === 1 ? (values[0] ?? "") : values]),
    );
  }

  end(): void {
    if (this.#text.slice(this.#offset).trim() !== "") throw malformed();
  }

  #characters(): string {
    const [raw = ""] = this.#take(/[^<]*/y);
    return raw.replaceAll(/&([^;]{0,10};)?/g, (_whole, name: string | undefined) =>
      characterOf((name ?? "").slice(0, -1)),
    );
  }

  #take(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text);
    if (found === null) throw malformed();
    this.#offset = pattern.lastIndex;
    return found;
  }
}

function characterOf(name: string): string {
  const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  if (known !== undefined) return known;
  const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
  const code = digits?.[1] === undefined ? Number(digits?.[2] ?? Number.NaN) : Number.parseInt(digits[1], 16);
  if (!(code >= 0x20 || code === 9 || code === 10 || code === 13) || code > 0x10ffff) throw malformed();
  return String.fromCodePoint(code);
}

function malformed(): IserverRefusal {
  return new IserverRefusal(400, "The request's entity is not the XML of this API.");
}
