/** A signed request counts only this long before and after the time it names. */
export const TIMESTAMP_WINDOW_MS = 15 * 60 * 1000;

const FORM = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z$/;

/** The last text that was read: all calls of one second carry the same. */
let last: { readonly text: string; readonly milliseconds: number | undefined } = { text: "", milliseconds: undefined };

/** Milliseconds since the epoch of `YYYY-MM-DDThh:mm:ssZ`, or undefined when it is not of that form or no real time. */
export function parseTimestamp(text: string): number | undefined {
  if (text !== last.text) last = { text, milliseconds: read(text) };
  return last.milliseconds;
}

function read(text: string): number | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  const milliseconds = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
  return formatTimestamp(milliseconds) === text ? milliseconds : undefined;
}

export function formatTimestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
