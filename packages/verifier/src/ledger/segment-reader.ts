import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { bytesToUtf8 } from "../core/bytes.ts";
import { Fault } from "../core/fault.ts";

const MAGIC = "CONCSEG1";
const BLOCK_BYTES_MAX = 2 ** 30;
const WINDOW_BYTES = 8 * 2 ** 20;

/** Why no record came: the file is at its end, or what follows is not a whole record. */
export type RecordState = "record" | "end" | "incomplete" | "damaged";

/** What a segment file says of itself. */
export interface SegmentHeader {
  readonly origin: string;
  readonly firstBlock: number;
}

/**
 * Reads a segment file from front to end through one window of memory. Reading goes on where the file ends at that
 * moment, so a file that a server is appending to can be read. The window's bytes are valid until the next call.
 * @source docs/reference/ledger-format.md section 2
 */
export class SegmentReader {
  readonly #descriptor: number;
  #window = Buffer.allocUnsafe(WINDOW_BYTES);
  #filled = 0;
  #at = 0;
  #filePosition = 0;
  /** The block of the last record: bytes [start, end) of `bytes`. */
  start = 0;
  end = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, "r");
  }

  get bytes(): Buffer {
    return this.#window;
  }

  /** Bytes of the file that records and header have taken so far. */
  get position(): number {
    return this.#filePosition - this.#filled + this.#at;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Undefined when the file ends inside the header. @throws Fault when the header is damaged */
  readHeader(): SegmentHeader | undefined {
    if (!this.#need(10)) return undefined;
    if (this.#window.toString("latin1", 0, 8) !== MAGIC) throw new Fault("the segment does not begin as one");
    const originLength = this.#window.readUInt16BE(8);
    const length = 10 + originLength + 8;
    if (!this.#need(length + 4)) return undefined;
    const window = this.#window;
    if (crc32(window.subarray(0, length)) !== window.readUInt32BE(length))
      throw new Fault("the segment's header is damaged");
    const origin = bytesToUtf8(window.subarray(10, 10 + originLength));
    if (origin === undefined) throw new Fault("the segment's origin is not valid UTF-8");
    this.#at = length + 4;
    return { origin, firstBlock: Number(window.readBigUInt64BE(10 + originLength)) };
  }

  /** Takes the next record. After anything but "record" the position stays where it was. */
  next(): RecordState {
    if (!this.#need(8)) return this.#filled === this.#at ? "end" : "incomplete";
    const length = this.#window.readUInt32BE(this.#at);
    if (length < 1 || length > BLOCK_BYTES_MAX) return "damaged";
    if (!this.#need(8 + length)) return "incomplete";
    const window = this.#window;
    const start = this.#at + 8;
    const crc = crc32(window.subarray(start, start + length), crc32(window.subarray(this.#at, this.#at + 4)));
    if (crc !== window.readUInt32BE(this.#at + 4)) return "damaged";
    this.start = start;
    this.end = start + length;
    this.#at = this.end;
    return "record";
  }

  /** Whether a valid record begins anywhere behind the present position: then what stands here is not a torn tail. */
  hasRecordBehind(): boolean {
    const fileBytes = fstatSync(this.#descriptor).size;
    for (;;) {
      this.#at += 1;
      // The shortest record has one byte of block, and every block begins with its header: field 1, length-delimited.
      if (!this.#need(9)) return false;
      const length = this.#window.readUInt32BE(this.#at);
      if (length < 1 || this.#window[this.#at + 8] !== 0x0a || this.position + 8 + length > fileBytes) continue;
      if (this.next() === "record") return true;
    }
  }

  /** Brings `length` bytes from the present position on into the window; false when the file does not have them. */
  #need(length: number): boolean {
    if (this.#filled - this.#at >= length) return true;
    this.#window.copyWithin(0, this.#at, this.#filled);
    this.#filled -= this.#at;
    this.#at = 0;
    while (this.#filled < length) {
      if (this.#filled === this.#window.length) {
        const larger = Buffer.allocUnsafe(Math.min(length, this.#window.length * 2));
        larger.set(this.#window.subarray(0, this.#filled));
        this.#window = larger;
      }
      const count = readSync(
        this.#descriptor,
        this.#window,
        this.#filled,
        this.#window.length - this.#filled,
        this.#filePosition,
      );
      if (count === 0) return false;
      this.#filled += count;
      this.#filePosition += count;
    }
    return true;
  }
}
