import { readFileSync } from "node:fs";
import type { Caller, Grant } from "@concordat/platform";
import { createCast, Harness } from "@concordat/platform/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  documentedPermissions,
  huaweiPermissions,
  ownPermissions,
} from "../../packages/dialects/src/huawei/permissions.ts";

/**
 * The table beside this file is drawn from the documents' tables 1-360 (section 1.6.2) and 2-382 (section 2.6.2), actions as they print
 * them, and names the operations that those leave out. What reading is, the notes say where the verb alone does not.
 */
const columns = ["full", "read-only", "none", "custom", "denied"] as const;
type Column = (typeof columns)[number];

interface MatrixRow {
  readonly section: string;
  readonly operation: string;
  readonly printedAction: string;
  readonly expected: Readonly<Record<Column, string>>;
  readonly iamProject: string;
  readonly enterpriseProject: string;
}

const [header = "", ...lines] = readFileSync(new URL("./permission-matrix.tsv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const matrix = lines.map(readRow);

function readRow(line: string): MatrixRow {
  const [section = "", operation = "", printedAction = "", full = "", readOnly = "", none = "", custom = "", ...rest] =
    line.split("\t");
  const [denied = "", iamProject = "", enterpriseProject = ""] = rest;
  const expected = { full, "read-only": readOnly, none, custom, denied };
  return { section, operation, printedAction, expected, iamProject, enterpriseProject };
}

/** An action has no spaces: where the document prints one, it is a slip of the page. */
const actionOf = (row: MatrixRow) => row.printedAction.replaceAll(" ", "");

describe("the table", () => {
  it("has every operation once, with the action that the operation asks for", () => {
    expect(header.split("\t")).toHaveLength(11);
    expect(matrix).toHaveLength(82);
    const actions = Object.fromEntries(matrix.map((row) => [row.operation, actionOf(row)]));
    expect(actions).toEqual(huaweiPermissions);
  });

  it("tells the documents' actions from ours", () => {
    const idsOf = (own: boolean) =>
      matrix.filter((row) => (row.section === "ours") === own).map((row) => row.operation);
    expect(idsOf(false).sort()).toEqual(Object.keys(documentedPermissions).sort());
    expect(idsOf(true).sort()).toEqual(Object.keys(ownPermissions).sort());
    expect([idsOf(false).length, idsOf(true).length]).toEqual([64, 18]);
  });

  it("never gives one action to two operations, so that each cell decides one", () => {
    expect(new Set(matrix.map(actionOf)).size).toBe(matrix.length);
  });
});

describe.each(["project", "enterprise-project"] as const)("granted over a %s", (scopeKind) => {
  let harness: Harness;
  let account: Caller;
  let user: Caller;
  let groupId: string;
  let projectId: string;
  let enterpriseProjectId: string;

  beforeAll(async () => {
    harness = await Harness.start();
    const cast = await createCast(harness);
    account = harness.callerOf(cast.memberAccount);
    user = harness.callerOf(cast.memberPrincipal);
    const { groups, projects, enterpriseProjects } = harness.platform.tenancy;
    ({ groupId } = await groups.create(account, { name: "operators" }));
    await groups.addMember(account, { groupId, uid: user.principal.uid });
    ({ projectId } = await projects.create(account, { name: "cn-north-4_matrix" }));
    ({ enterpriseProjectId } = await enterpriseProjects.create(account, { name: "matrix" }));
  });
  afterAll(() => harness.dispose());

  const grant = (policyId: string) =>
    harness.platform.tenancy.grants.create(account, {
      policyId,
      granteeKind: "group",
      granteeId: groupId,
      scopeKind,
      scopeId: scopeKind === "project" ? projectId : enterpriseProjectId,
    });

  const policyOf = async (name: string, effect: "Allow" | "Deny", action: string) => {
    const document = { Version: "1.1", Statement: [{ Effect: effect, Action: [action] }] };
    return (await harness.platform.tenancy.policies.create(account, { name, document })).policyId;
  };

  /** The cell as authorize decides it: about a resource in the granted scope, and never about one outside of it. */
  function cell(row: MatrixRow): "allow" | "deny" {
    const { authorizer } = harness.platform.provisioning;
    const resource = { kind: "instance", id: "i", tenantId: account.tenantId, projectId, enterpriseProjectId };
    const other =
      scopeKind === "project" ? { ...resource, projectId: otherProject() } : { ...resource, enterpriseProjectId: "0" };
    expect(authorizer.allows(user, actionOf(row), other), `${row.operation} elsewhere`).toBe(false);
    return authorizer.allows(user, actionOf(row), resource) ? "allow" : "deny";
  }

  function otherProject(): string {
    const rows = harness.platform.provisioning.directory.table("projects").all();
    return rows.find((row) => row.tenantId === account.tenantId && row.projectId !== projectId)?.projectId ?? "";
  }

  /** With these grants and no others. */
  async function granted(policyIds: readonly string[], work: () => void): Promise<void> {
    const grants: Grant[] = [];
    for (const policyId of policyIds) grants.push(await grant(policyId));
    work();
    for (const { grantId } of grants) await harness.platform.tenancy.grants.delete(account, grantId);
  }

  /** Where the document's table says that a policy does not work over this kind of project, nothing that it allows is. */
  function expectedOf(row: MatrixRow, column: Column): string {
    const works = scopeKind === "project" ? row.iamProject : row.enterpriseProject;
    return works === "yes" ? row.expected[column] : "deny";
  }

  const serviceOf = (row: MatrixRow) =>
    row.operation.startsWith("huawei-bcs:") ? "BCS Fabric" : "BCS HuaweiCloudChain";

  it.each([
    ["full", "FullAccess"],
    ["read-only", "ReadOnlyAccess"],
  ] as const)("%s", async (column, suffix) => {
    for (const service of ["BCS Fabric", "BCS HuaweiCloudChain"]) {
      await granted([`${service} ${suffix}`], () => {
        for (const row of matrix) {
          const expected = serviceOf(row) === service ? expectedOf(row, column) : "deny";
          expect(cell(row), `${service}: ${row.operation}`).toBe(expected);
        }
      });
    }
  });

  it("none", () => {
    for (const row of matrix) expect(cell(row), row.operation).toBe(expectedOf(row, "none"));
  });

  it("custom: a policy of one action opens that operation and no other", async () => {
    for (const row of matrix) {
      const policyId = await policyOf(`custom ${row.operation.replace(":", " ")}`, "Allow", actionOf(row));
      await granted([policyId], () => {
        for (const other of matrix) {
          expect(cell(other), `${row.operation} for ${other.operation}`).toBe(
            other === row ? expectedOf(row, "custom") : "deny",
          );
        }
      });
    }
  });

  it("denied: one action denied beside full access closes that operation and no other", async () => {
    for (const row of matrix) {
      const policyId = await policyOf(`denied ${row.operation.replace(":", " ")}`, "Deny", actionOf(row));
      await granted(["BCS Fabric FullAccess", "BCS HuaweiCloudChain FullAccess", policyId], () => {
        for (const other of matrix) {
          const column = other === row ? "denied" : "full";
          expect(cell(other), `${row.operation} for ${other.operation}`).toBe(expectedOf(other, column));
        }
      });
    }
  });
});
