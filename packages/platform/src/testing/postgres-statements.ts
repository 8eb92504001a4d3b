/** Runs statements on a PostgreSQL database, behind the back of any control store. */
export async function runOnPostgres(url: string, statements: readonly string[]): Promise<void> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
