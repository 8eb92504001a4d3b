import type { TObject, TSchema } from "@sinclair/typebox";
import { limits } from "./limits.ts";
import type { ParameterCodec } from "./parameter-codec.ts";
import { treeOf } from "./spread-parameter.ts";

export interface ListCodec extends ParameterCodec {
  decodeSpread(parts: ReadonlyMap<string, string>): unknown;
}

/** A list, and the text that says it. */
export interface ListWithText<Item> {
  readonly items: readonly Item[];
  /** Left out: JSON without spaces, members in the schema's order. */
  readonly text?: string;
}

/**
 * A list as one parameter with JSON text, or as parameters `NAME.1`, `NAME.1.member`, `NAME.1.member.1.member`, numbered from 1 without
 * gaps. What may be inside follows from the schema: texts, lists, and objects of these. A member's first letter may be of either case, its value
 * is put under the schema's name. Members that the schema does not know are ignored, and null counts as left out. Members that come twice or
 * are no text, and more items than `maxItems` (limits.listItemsMax when left out) are refused; what is missing is the schema's to judge.
 * Clients send JSON.
 */
export function listParameter(schema: TSchema): ListCodec {
  const shape = shapeOf(schema);
  return {
    form: "a JSON list, or parameters NAME.1, NAME.2 and so on",
    jsonSchema: schema,
    decode: (text) => readJson(shape, text),
    decodeSpread(parts) {
      const tree = treeOf(parts, depthOf(shape));
      return tree === undefined ? undefined : read(shape, tree, { members: 0 });
    },
    encode: (value) => JSON.stringify(read(shape, value, { members: 0 }) ?? value),
  };
}

/** For lists whose very text counts, as under a signature: the value is a `ListWithText`, always with its text when it was received. */
export function listWithText(list: ListCodec): ListCodec {
  const withText = (items: unknown, text: () => string) => (items === undefined ? undefined : { items, text: text() });
  return {
    ...list,
    decode: (text) => withText(list.decode(text), () => text),
    decodeSpread(parts) {
      const items = list.decodeSpread(parts);
      return withText(items, () => list.encode(items));
    },
    encode(value) {
      // The typed client's input has been checked against the row's type.
      const { items, text } = value as ListWithText<unknown>;
      return text ?? list.encode(items);
    },
  };
}

type Shape =
  | { readonly kind: "text" }
  | { readonly kind: "list"; readonly item: Shape; readonly itemsMax: number }
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, Shape> };

const TEXT: Shape = { kind: "text" };

function shapeOf(schema: TSchema): Shape {
  if (schema["type"] === "string") return TEXT;
  if (schema["type"] === "array") {
    return { kind: "list", item: shapeOf(schema["items"]), itemsMax: schema["maxItems"] ?? limits.listItemsMax };
  }
  if (schema["type"] !== "object") throw new TypeError("A list parameter holds texts, lists and objects only.");
  // The type was looked at above.
  const members = Object.entries((schema as TObject).properties);
  return { kind: "object", members: new Map(members.map(([name, member]) => [name, shapeOf(member)])) };
}

function depthOf(shape: Shape): number {
  if (shape.kind === "text") return 0;
  if (shape.kind === "list") return 1 + depthOf(shape.item);
  return 1 + Math.max(0, ...[...shape.members.values()].map(depthOf));
}

/** JSON.parse keeps the last of several members of one name: their number shows that there were some. */
function readJson(shape: Shape, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const seen = { members: 0 };
  const list = read(shape, value, seen);
  return seen.members === membersIn(text) ? list : undefined;
}

/** In well-formed JSON each colon outside of texts is a member's. */
function membersIn(json: string): number {
  let count = 0;
  let inText = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (character === '"') inText = !inText;
    else if (inText && character === "\\") index += 1;
    else if (!inText && character === ":") count += 1;
  }
  return count;
}

/** The value in the schema's names and order, or undefined when it is of another shape. Maps stand for lists and objects alike. */
function read(shape: Shape, value: unknown, seen: { members: number }): unknown {
  if (shape.kind === "text") return typeof value === "string" && value.isWellFormed() ? value : undefined;
  if (shape.kind === "list") return readList(shape, value, seen);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const given = new Map<string, unknown>();
  for (const [name, member] of value instanceof Map ? value : Object.entries(value)) {
    seen.members += 1;
    const known = memberName(shape.members, String(name));
    if (known === undefined) seen.members += membersOf(member);
    else if (given.has(known)) return undefined;
    else if (member !== null) given.set(known, member);
  }
  const object: Record<string, unknown> = {};
  for (const [name, member] of shape.members) {
    if (!given.has(name)) continue;
    const item = read(member, given.get(name), seen);
    if (item === undefined) return undefined;
    object[name] = item;
  }
  return object;
}

/** How many members there are in a value of any shape, at any depth. */
function membersOf(value: unknown): number {
  let count = 0;
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== "object" || next === null) continue;
    const inside: readonly unknown[] = Object.values(next);
    if (!Array.isArray(next)) count += inside.length;
    for (const each of inside) open.push(each);
  }
  return count;
}

function readList(shape: Shape & { kind: "list" }, value: unknown, seen: { members: number }): unknown {
  const items = value instanceof Map ? numbered(value) : value;
  if (!Array.isArray(items) || items.length > shape.itemsMax) return undefined;
  const list: unknown[] = [];
  for (const item of items) {
    const known = read(shape.item, item, seen);
    if (known === undefined) return undefined;
    list.push(known);
  }
  return list;
}

/** The values under "1", "2" and so on, when there are no others. */
function numbered(members: ReadonlyMap<unknown, unknown>): unknown[] | undefined {
  const items: unknown[] = [];
  for (let number = 1; number <= members.size; number += 1) {
    if (!members.has(String(number))) return undefined;
    items.push(members.get(String(number)));
  }
  return items;
}

function memberName(members: ReadonlyMap<string, Shape>, name: string): string | undefined {
  const first = name.slice(0, 1);
  const rest = name.slice(1);
  return [name, first.toLowerCase() + rest, first.toUpperCase() + rest].find((spelling) => members.has(spelling));
}
