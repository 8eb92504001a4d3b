/**
 * Decodes one raw Snappy block (LevelDB compresses index blocks with it).
 * @throws RangeError when the bytes are no Snappy block
 * @source https://github.com/google/snappy/blob/main/format_description.txt
 */
export function snappyDecode(input: Uint8Array): Uint8Array {
  const source = new Source(input);
  const output = new Uint8Array(source.varint());
  let written = 0;
  while (!source.ended) {
    const tag = source.byte();
    if ((tag & 3) === 0) {
      const literal = source.take(literalLength(source, tag >>> 2));
      output.set(literal, written);
      written += literal.length;
      continue;
    }
    const { length, offset } = copyOf(source, tag);
    if (offset === 0 || offset > written || written + length > output.length) throw broken();
    // Byte by byte: a copy may overlap what it writes.
    for (let done = 0; done < length; done++, written++) output[written] = output[written - offset] ?? 0;
  }
  if (written !== output.length) throw broken();
  return output;
}

function literalLength(source: Source, code: number): number {
  return code < 60 ? code + 1 : source.littleEndian(code - 59) + 1;
}

function copyOf(source: Source, tag: number): { readonly length: number; readonly offset: number } {
  if ((tag & 3) === 1) return { length: ((tag >>> 2) & 7) + 4, offset: ((tag >>> 5) << 8) | source.byte() };
  return { length: (tag >>> 2) + 1, offset: source.littleEndian((tag & 3) === 2 ? 2 : 4) };
}

class Source {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw broken();
    return byte;
  }

  littleEndian(length: number): number {
    let value = 0;
    for (let place = 0; place < length; place++) value += this.byte() * 2 ** (8 * place);
    return value;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw broken();
  }

  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw broken();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

function broken(): RangeError {
  return new RangeError("Not a Snappy block.");
}
