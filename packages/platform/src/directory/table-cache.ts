/**
 * The rows of one table in memory, by primary key and by whatever else is asked for.
 *
 * Rows come out in the order of their primary keys' first appearance.
 */
export class TableCache<Row extends object> {
  readonly #rows = new Map<string, Row>();
  readonly #indexes: { readonly keyOf: (row: Row) => string; readonly rows: Map<string, Map<string, Row>> }[] = [];

  /** @param key as primaryKeyOf answers it */
  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  get size(): number {
    return this.#rows.size;
  }

  all(): Row[] {
    return [...this.#rows.values()];
  }

  /** Makes an index over what `keyOf` answers; the function answered gives the rows with a value of it. */
  index(keyOf: (row: Row) => string): (value: string) => Row[] {
    const index = { keyOf, rows: new Map<string, Map<string, Row>>() };
    this.#indexes.push(index);
    for (const [key, row] of this.#rows) {
      const group = index.rows.get(keyOf(row)) ?? new Map<string, Row>();
      index.rows.set(keyOf(row), group.set(key, row));
    }
    return (value) => [...(index.rows.get(value)?.values() ?? [])];
  }

  put(key: string, row: Row): void {
    this.remove(key);
    this.#rows.set(key, row);
    for (const { keyOf, rows } of this.#indexes) {
      const value = keyOf(row);
      const group = rows.get(value) ?? new Map<string, Row>();
      rows.set(value, group.set(key, row));
    }
  }

  /** @returns the row that was there */
  remove(key: string): Row | undefined {
    const row = this.#rows.get(key);
    if (row === undefined) return undefined;
    this.#rows.delete(key);
    for (const { keyOf, rows } of this.#indexes) {
      const group = rows.get(keyOf(row));
      group?.delete(key);
      if (group?.size === 0) rows.delete(keyOf(row));
    }
    return row;
  }
}
