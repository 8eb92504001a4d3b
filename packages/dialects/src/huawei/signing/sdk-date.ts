/** A signed request counts only this long before and after the time it names. */
export const SDK_DATE_WINDOW_MS = 15 * 60 * 1000;

const FORM = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** Milliseconds since the epoch of `YYYYMMDDTHHMMSSZ`, or undefined when it is not of that form or no real time. */
export function parseSdkDate(text: string): number | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day, hour, minute, second] = match.slice(1).map(Number);
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second);
  return formatSdkDate(milliseconds) === text ? milliseconds : undefined;
}

/** Whole seconds; what is below is cut off. */
export function formatSdkDate(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}
