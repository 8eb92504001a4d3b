import { expect, it } from "vitest";
import { fromPostgresError } from "./postgres/postgres-errors.ts";
import { fromSqliteError } from "./sqlite/sqlite-errors.ts";

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : "as it was");

it.each([
  ["23505", "CONTROL_CONFLICT"],
  ["23503", "CONTROL_CONFLICT"],
  ["23514", "CONTROL_CONFLICT"],
  ["57P01", "STORE_UNAVAILABLE"],
  ["57P03", "STORE_UNAVAILABLE"],
  ["08006", "STORE_UNAVAILABLE"],
  ["53300", "STORE_UNAVAILABLE"],
  ["57014", "STORE_UNAVAILABLE"],
  ["40001", "STORE_UNAVAILABLE"],
  ["25006", "STORE_UNAVAILABLE"],
  ["42601", "42601"],
  ["22021", "22021"],
])("reads PostgreSQL's %s as %s", (state, code) => {
  const error = Object.assign(new Error("of the server"), { severity: "ERROR", code: state });
  expect(codeOf(fromPostgresError(error))).toBe(code);
});

it("takes what PostgreSQL's driver throws itself for a failed connection, but not a defect", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  for (const error of [refused, new Error("Connection terminated unexpectedly"), new AggregateError([refused])]) {
    expect(codeOf(fromPostgresError(error))).toBe("STORE_UNAVAILABLE");
  }
  for (const error of [new TypeError("defect"), "text"]) expect(fromPostgresError(error)).toBe(error);
});

it.each([
  [19, "CONTROL_CONFLICT"],
  [2067, "CONTROL_CONFLICT"],
  [5, "STORE_UNAVAILABLE"],
  [13, "STORE_UNAVAILABLE"],
  [778, "STORE_UNAVAILABLE"],
  [1, "ERR_SQLITE_ERROR"],
])("reads SQLite's %i as %s", (errcode, code) => {
  const error = Object.assign(new Error("of the file"), { code: "ERR_SQLITE_ERROR", errcode });
  expect(codeOf(fromSqliteError(error))).toBe(code);
});
