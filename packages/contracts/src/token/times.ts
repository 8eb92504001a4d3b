const DAY_MS = 86_400_000;

/** When an operation ends: never, or at a time in milliseconds since the epoch. */
export const PERMANENT = "0";

const rfc3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

/** Milliseconds since the epoch of an RFC 3339 time, what is below a millisecond cut off; NaN for any other text. */
export function parseTimeMs(text: string): number {
  const match = rfc3339.exec(text);
  if (match === null) return Number.NaN;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [fraction = "", sign = "+", offsetHours = "0", offsetMinutes = "0"] = match.slice(7);
  const offset = Number(offsetHours) * 60 + Number(offsetMinutes);
  const isClock = hour < 24 && minute < 60 && second < 60 && Number(offsetHours) < 24 && Number(offsetMinutes) < 60;
  const midnight = new Date(0).setUTCFullYear(year, month - 1, day);
  const isDay = new Date(midnight).toISOString().slice(0, 10) === text.slice(0, 10);
  if (!isClock || !isDay) return Number.NaN;
  const ms = Number(fraction.padEnd(3, "0").slice(0, 3));
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + ms - (sign === "-" ? -1 : 1) * offset * 60_000;
}

/** @param expiration {@link PERMANENT}, or a text that {@link parseTimeMs} takes. From its very millisecond on it is over. */
export function isExpired(expiration: string, nowMs: number): boolean {
  return expiration !== PERMANENT && nowMs >= parseTimeMs(expiration);
}

/** Midnight UTC of the day, in RFC 3339. */
export function timeToDay(timeMs: number): string {
  return new Date(Math.floor(timeMs / DAY_MS) * DAY_MS).toISOString();
}

/** MM/DD/YYYY of the day in UTC. */
export function timeToPrintedDay(timeMs: number): string {
  const [year = "", month = "", day = ""] = timeToDay(timeMs).slice(0, 10).split("-");
  return `${month}/${day}/${year}`;
}
