import { isVisibleAscii } from "../text.ts";
import { isAmountText, isLimitText } from "./amounts.ts";
import { tokenLimits } from "./limits.ts";
import { refuse, refuseMember } from "./refusals.ts";
import type { Info, User } from "./rows.ts";
import { PERMANENT, parseTimeMs } from "./times.ts";

/** The forms of ids. None has a "~", which parts the composed ones. */
const idForm = /^[A-Za-z0-9][A-Za-z0-9_@.-]*$/;
const tokenIdForm = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;

export function isId(text: string): boolean {
  return text.length <= tokenLimits.idCharactersMax && idForm.test(text);
}

/**
 * The members of an object in JSON, each in its form. Every method throws ContractRefusal ARGUMENT_INVALID, which names the member.
 * What no method has read is refused by {@link Arguments.finish}.
 */
export class Arguments {
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #path: string;
  readonly #read = new Set<string>();
  readonly #nested: Arguments[] = [];

  private constructor(members: object, path = "") {
    this.#members = new Map(Object.entries(members));
    this.#path = path;
  }

  /** @param json "" stands for an empty object */
  static parse(json: string): Arguments {
    if (json.length > tokenLimits.argumentCharactersMax) refuse("ARGUMENT_INVALID", "The argument is too long.");
    const parsed = parseJson(json === "" ? "{}" : json);
    return isObject(parsed) ? new Arguments(parsed) : refuse("ARGUMENT_INVALID", "The argument is no JSON object.");
  }

  /** Refuses members that nothing has read, here or within. */
  finish(): void {
    for (const name of this.#members.keys()) {
      if (!this.#read.has(name)) refuseMember(this.#path + name, "is unknown");
    }
    for (const nested of this.#nested) nested.finish();
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  user(orgName = "orgId", userName = "userId"): User {
    return { org: this.id(orgName), user: this.id(userName) };
  }

  /** Of an organization or a user. */
  id(name: string): string {
    return this.#form(name, isId(this.#text(name)), "is no id of an organization or a user");
  }

  tokenId(name = "tokenId"): string {
    const text = this.#text(name);
    const isForm = text.length <= tokenLimits.tokenIdCharactersMax && tokenIdForm.test(text);
    return this.#form(name, isForm, "is no token id");
  }

  operationId(name = "operationId"): string {
    const text = this.#text(name);
    const isForm = text.length <= tokenLimits.operationIdCharactersMax && idForm.test(text);
    return this.#form(name, isForm, "is no operation id");
  }

  tokenName(name: string): string {
    const text = this.#text(name);
    const isForm = text.length <= tokenLimits.tokenNameCharactersMax && tokenIdForm.test(text);
    return this.#form(name, isForm, "is no name of a token");
  }

  /** Visible ASCII: a name or an id that is only looked up. */
  reference(name: string): string {
    const { referenceCharactersMax } = tokenLimits;
    const isForm = isVisibleAscii(this.#text(name), referenceCharactersMax);
    return this.#form(name, isForm, `does not have 1 to ${referenceCharactersMax} visible ASCII characters`);
  }

  text(name: string, charactersMax: number = tokenLimits.textCharactersMax): string {
    return this.#form(name, this.#text(name).length <= charactersMax, `has more than ${charactersMax} characters`);
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const text = this.#text(name);
    return (
      choices.find((choice) => choice === text) ?? refuseMember(this.#path + name, `is not ${choices.join(" or ")}`)
    );
  }

  /** A decimal number as text; a negative one is in its form, and refused later for what it is. */
  quantity(name = "quantity"): string {
    return this.#form(name, isAmountText(this.#text(name)), "is no decimal number in text");
  }

  /** A decimal number as text, zero or more. */
  limit(name: string): string {
    return this.#form(name, isLimitText(this.#text(name)), "is no decimal number in text that is zero or more");
  }

  /** "0", or a time in RFC 3339. */
  expiration(name = "timeToExpiration"): string {
    const text = this.#text(name);
    return this.#form(
      name,
      text === PERMANENT || !Number.isNaN(parseTimeMs(text)),
      "is neither 0 nor an RFC 3339 time",
    );
  }

  timeMs(name: string): number {
    const timeMs = parseTimeMs(this.#text(name));
    return Number.isNaN(timeMs) ? refuseMember(this.#path + name, "is no RFC 3339 time") : timeMs;
  }

  whole(name: string, minimum: number, maximum: number): number {
    const value = this.take(name);
    const isWhole = typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum;
    return isWhole ? value : refuseMember(this.#path + name, `is no whole number from ${minimum} to ${maximum}`);
  }

  /** true or false, or its text. */
  flag(name: string): boolean {
    const value = this.take(name);
    if (value === true || value === "true") return true;
    return value === false || value === "false" ? false : refuseMember(this.#path + name, "is neither true nor false");
  }

  object(name: string): Arguments {
    const value = this.take(name);
    return this.#nest(isObject(value) ? value : refuseMember(this.#path + name, "is no object"), `${name}.`);
  }

  objects(name: string, minimum: number, maximum: number): readonly Arguments[] {
    const value = this.take(name);
    const list: readonly unknown[] = Array.isArray(value) ? value : refuseMember(this.#path + name, "is no array");
    if (list.length < minimum || list.length > maximum) {
      refuseMember(this.#path + name, `does not have ${minimum} to ${maximum} items`);
    }
    return list.map((item, index) => {
      const place = `${name}[${index}]`;
      return this.#nest(isObject(item) ? item : refuseMember(this.#path + place, "is no object"), `${place}.`);
    });
  }

  /** Category and description of a transaction, if any. */
  info(name = "infoDetails"): Info {
    if (!this.has(name)) return {};
    const members = this.object(name);
    const category = members.has("category") ? members.text("category") : "";
    const description = members.has("description") ? members.text("description") : "";
    return { ...(category === "" ? {} : { category }), ...(description === "" ? {} : { description }) };
  }

  /** The member as it is. */
  take(name: string): unknown {
    this.#read.add(name);
    return this.has(name) ? this.#members.get(name) : refuseMember(this.#path + name, "is missing");
  }

  #text(name: string): string {
    const value = this.take(name);
    return typeof value === "string" && value.isWellFormed() ? value : refuseMember(this.#path + name, "is no text");
  }

  #form(name: string, isForm: boolean, fault: string): string {
    return isForm ? this.#text(name) : refuseMember(this.#path + name, fault);
  }

  #nest(members: object, path: string): Arguments {
    const nested = new Arguments(members, this.#path + path);
    this.#nested.push(nested);
    return nested;
  }
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return refuse("ARGUMENT_INVALID", "The argument is no JSON.");
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
