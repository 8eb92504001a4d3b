import { expect, it } from "vitest";
import inventory from "../inventory.json" with { type: "json" };
import { documentedPermissions, huaweiPermissions, ownPermissions } from "./permissions.ts";

const dialects = ["huawei-bcs", "huawei-hbs", "huawei-besu", "huawei-e2ee"];
const operations = inventory.filter(({ dialect }) => dialects.includes(dialect));
const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id).sort();

it("are those of the documents' tables, both ways", () => {
  const documented = inventory.flatMap((row) => ("permission" in row ? [[row.id, row.permission]] : []));
  expect(documentedPermissions).toEqual(Object.fromEntries(documented));
  expect(Object.keys(documentedPermissions)).toHaveLength(64);
});

it("are ours where the documents have none", () => {
  expect(Object.keys(ownPermissions).sort()).toEqual(idsOf(operations.filter((row) => !("permission" in row))));
  expect(Object.keys(ownPermissions)).toHaveLength(18);
});

it("leave no operation out, are of one style and each of one operation", () => {
  expect(Object.keys(huaweiPermissions).sort()).toEqual(idsOf(operations));
  const actions = Object.values(huaweiPermissions);
  for (const action of actions) expect(action).toMatch(/^bcs:(fabric|huaweiCloudChain)[A-Za-z]*:[a-z][A-Za-z]*$/);
  expect(new Set(actions).size).toBe(actions.length);
});
