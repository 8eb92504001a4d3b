import { StringDecoder } from "node:string_decoder";

export const LINE_CHARACTERS_MAX = 4_000;

/** Cuts a stream of bytes into lines; a line that is too long is cut into several. Holds at most one line. */
export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #take: (line: string) => void;
  #rest = "";

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  write(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.write(Buffer.from(chunk))).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#give(line);
    while (this.#rest.length > LINE_CHARACTERS_MAX) {
      this.#take(this.#rest.slice(0, LINE_CHARACTERS_MAX));
      this.#rest = this.#rest.slice(LINE_CHARACTERS_MAX);
    }
  }

  /** What came after the last line break. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (rest !== "") this.#give(rest);
  }

  #give(line: string): void {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    for (let offset = 0; offset === 0 || offset < text.length; offset += LINE_CHARACTERS_MAX) {
      this.#take(text.slice(offset, offset + LINE_CHARACTERS_MAX));
    }
  }
}
