import { expect, it } from "vitest";
import { databasePlace, isDatabaseUrl } from "./database-address.ts";

it("knows addresses of PostgreSQL databases", () => {
  for (const text of ["postgres://db/concordat", "postgresql://user:p%40ss@[::1]:5433/x?sslmode=require"]) {
    expect(isDatabaseUrl(text)).toBe(true);
  }
  for (const text of ["", "mysql://db/x", "postgres://", "postgres://db", "postgres://db/", "postgres://u:%zz@db/x"]) {
    expect(isDatabaseUrl(text)).toBe(false);
  }
});

it("names a database without its secrets", () => {
  expect(databasePlace("postgres://user:secret@db.example:5433/concordat?password=secret")).toBe(
    "postgres://db.example:5433/concordat",
  );
});
