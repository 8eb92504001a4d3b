import { expect, it } from "vitest";
import { tableOrder, tables } from "../control-store/tables.ts";
import { sealedColumns } from "./sealed-columns.ts";

it("names every sealed column of every table", () => {
  const stored = tableOrder.flatMap((table) =>
    Object.keys(tables[table].columns)
      .filter((column) => column.toLowerCase().endsWith("sealed"))
      .map((column) => `${table}.${column}`),
  );
  const named = Object.entries(sealedColumns).flatMap(([table, columns]) =>
    Object.keys(columns).map((column) => `${table}.${column}`),
  );
  expect(named.sort()).toEqual(stored.sort());
});
