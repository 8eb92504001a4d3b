/** A secret that was found where it must not be. */
export interface Finding {
  readonly secret: string;
  /** How it was written there. */
  readonly form: string;
  readonly where: string;
}

interface Needle {
  readonly secret: string;
  readonly form: string;
  readonly bytes: Buffer;
}

/** Shorter ones are found by chance. */
const SECRET_BYTES_MIN = 8;
const PREFIX_BYTES = 4;

/**
 * Looks for secrets in bytes, in every form that programs write them in: as they are, in JSON, percent-encoded, in hex, and in both
 * base64 alphabets, also in the middle of something longer that was encoded. Line ends inside of what is searched are looked over, so that
 * PEM is found too.
 */
export class SecretHunt {
  readonly #names = new Map<string, string>();
  readonly #needles = new Map<number, Needle[]>();
  /** Most places are passed by after one look at what four bytes of a needle hash to. */
  readonly #prefixes = new Uint8Array(1 << 24);

  /** How many secrets are looked for. */
  get size(): number {
    return this.#names.size;
  }

  /** A value that is known already keeps its first name. */
  add(name: string, value: string | Uint8Array): void {
    const bytes = Buffer.from(value);
    const id = bytes.toString("hex");
    if (this.#names.has(id)) return;
    if (bytes.length < SECRET_BYTES_MIN) throw new RangeError(`${name} is too short to be told from chance.`);
    this.#names.set(id, name);
    for (const [form, text] of formsOf(bytes, typeof value === "string" ? value : undefined)) {
      const needle: Needle = { secret: name, form, bytes: Buffer.from(text) };
      const prefix = needle.bytes.readUInt32BE(0);
      this.#prefixes[slotOf(prefix)] = 1;
      this.#needles.set(prefix, [...(this.#needles.get(prefix) ?? []), needle]);
    }
  }

  search(where: string, content: string | Uint8Array): Finding[] {
    const bytes = Buffer.from(content);
    const found = [...this.#matches(bytes), ...this.#matches(withoutLineEnds(bytes))];
    const unique = new Map(found.map(({ secret, form }) => [`${secret} ${form}`, { secret, form, where }]));
    return [...unique.values()];
  }

  *#matches(bytes: Buffer): Generator<Needle> {
    let prefix = 0;
    for (let end = 0; end < bytes.length; end++) {
      prefix = ((prefix << 8) | (bytes[end] ?? 0)) >>> 0;
      if (this.#prefixes[slotOf(prefix)] === 0) continue;
      const start = end + 1 - PREFIX_BYTES;
      if (start < 0) continue;
      for (const needle of this.#needles.get(prefix) ?? []) {
        if (bytes.subarray(start, start + needle.bytes.length).equals(needle.bytes)) yield needle;
      }
    }
  }
}

const slotOf = (prefix: number) => Math.imul(prefix, 0x9e3779b1) >>> 8;

function formsOf(bytes: Buffer, text: string | undefined): (readonly [form: string, text: string | Buffer])[] {
  const written = text === undefined ? [] : writtenForms(text);
  const hex = bytes.toString("hex");
  return [
    ["as it is", bytes],
    ...written,
    ["hex", hex],
    ["hex", hex.toUpperCase()],
    ...[0, 1, 2].flatMap((before) => {
      const base64 = base64Within(bytes, before);
      return [["base64", base64] as const, ["base64url", base64.replaceAll("+", "-").replaceAll("/", "_")] as const];
    }),
  ];
}

function writtenForms(text: string): (readonly [string, string])[] {
  const forms = [
    ["JSON", JSON.stringify(text).slice(1, -1)],
    ["percent-encoded", encodeURIComponent(text)],
    ["form-encoded", new URLSearchParams([["", text]]).toString().slice(1)],
  ] as const;
  return forms.filter(([, form]) => form !== text);
}

/** The digits that these bytes alone decide when so many others stand before them, and any after. */
function base64Within(bytes: Buffer, before: number): string {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
  const from = Math.ceil((before * 8) / 6);
  return encoded.slice(from, Math.floor(((before + bytes.length) * 8) / 6));
}

/** Also those that JSON writes as a backslash and a letter. */
function withoutLineEnds(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replaceAll(/\r|\n|\\r|\\n/g, ""), "latin1");
}
