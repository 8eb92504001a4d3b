/** A request as it came, before anything of it is believed. */
export interface SignedRequest {
  /** Upper case. */
  readonly method: string;
  /** The request target as received: path, and query if there is one. */
  readonly target: string;
  readonly headers: HeaderLines;
  readonly body: Uint8Array;
}

/** Header lines as they came, repeated ones too; names in lower case. */
export type HeaderLines = ReadonlyMap<string, readonly string[]>;

/** @param rawHeaders names and values in turn, as node:http hands them over */
export function readHeaderLines(rawHeaders: readonly string[]): HeaderLines {
  const lines = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    const value = rawHeaders[index + 1] ?? "";
    const known = lines.get(name);
    if (known === undefined) lines.set(name, [value]);
    else known.push(value);
  }
  return lines;
}

/** The value of a header that came exactly once. */
export function singleHeader(headers: HeaderLines, name: string): string | undefined {
  const lines = headers.get(name);
  return lines?.length === 1 ? lines[0] : undefined;
}

/** The path of a request target, without its query. */
export function pathOf(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? target : target.slice(0, mark);
}
