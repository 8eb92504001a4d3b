/** Whether a text can name a PostgreSQL database: its parts must be readable, its password's escapes too. */
export function isDatabaseUrl(text: string): boolean {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { username, password, pathname } = new URL(text);
  try {
    for (const part of [username, password, pathname]) decodeURIComponent(part);
    return pathname.length > 1;
  } catch {
    return false;
  }
}

/** Where the database is, for people: without user, password and parameters. */
export function databasePlace(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `postgres://${hostname}${port === "" ? "" : `:${port}`}${pathname}`;
}
