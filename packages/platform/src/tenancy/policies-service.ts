import { isPolicyName } from "../access/names.ts";
import { parsePolicyDocument } from "../access/policy-document.ts";
import { type SystemPolicy, systemPolicies, systemPolicy } from "../access/system-policies.ts";
import type { PolicyRow } from "../control-store/rows.ts";
import { newIds } from "../directory/ids.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import {
  given,
  inOrder,
  pageOf,
  requireDescription,
  requireName,
  TenancyContext,
  type TenancyDependencies,
} from "./context.ts";
import type { Page, PageQuery, Policies, Policy } from "./ports.ts";

type Fields = { readonly name?: string; readonly description?: string; readonly document?: unknown };

export class PoliciesService implements Policies {
  readonly #dependencies: TenancyDependencies;
  readonly #context: TenancyContext;
  readonly #ofTenant: (tenantId: string) => readonly PolicyRow[];

  constructor(dependencies: TenancyDependencies) {
    this.#dependencies = dependencies;
    this.#context = new TenancyContext({ kind: "policy", unknown: "POLICY_UNKNOWN" }, dependencies);
    this.#ofTenant = dependencies.directory.table("policies").index((row) => row.tenantId);
  }

  async create(
    caller: Caller,
    input: { tenantId?: string; name: string; description?: string; document: unknown },
  ): Promise<Policy> {
    const { directory, clock, random } = this.#dependencies;
    const { name, description = "" } = input;
    requirePolicyFields(input);
    const document = parsePolicyDocument(input.document);
    return directory.change(async () => {
      const tenantId = this.#context.requireTenant(caller, "create", input.tenantId);
      this.#requireFree(tenantId, name);
      const policyId = newIds.policyId(random);
      const row: PolicyRow = { policyId, tenantId, name, description, document, createdMs: clock.nowMs() };
      const audit = this.#context.audit(caller, "create", policyId, { name, document });
      return { changes: [{ table: "policies", row }], audit: [audit], result: fromRow(row) };
    });
  }

  async list(
    caller: Caller,
    query: PageQuery & { readonly tenantId?: string; readonly name?: string; readonly kind?: Policy["kind"] },
  ): Promise<Page<Policy>> {
    const { name, kind } = query;
    const tenantId = this.#context.requireTenant(caller, "list", query.tenantId);
    const custom = inOrder(this.#ofTenant(tenantId), (row) => row.policyId).map(fromRow);
    const all = [...systemPolicies.map(fromSystem), ...custom].filter(
      (policy) => (name === undefined || policy.name === name) && (kind === undefined || policy.kind === kind),
    );
    return pageOf(all, query);
  }

  async get(caller: Caller, policyId: string): Promise<Policy> {
    const system = systemPolicy(policyId);
    if (system === undefined) return fromRow(this.#find(caller, "get", policyId));
    this.#context.require(caller, "get", { id: policyId, tenantId: caller.tenantId });
    return fromSystem(system);
  }

  async update(caller: Caller, { policyId, ...fields }: Fields & { policyId: string }): Promise<Policy> {
    requireCustom(policyId);
    requirePolicyFields(fields);
    const { document, ...texts } = fields;
    const parsed = document === undefined ? {} : { document: parsePolicyDocument(document) };
    return this.#dependencies.directory.change(async () => {
      const before = this.#find(caller, "update", policyId);
      if (fields.name !== undefined && fields.name !== before.name) this.#requireFree(before.tenantId, fields.name);
      const changed = { ...given(texts), ...parsed };
      const row: PolicyRow = { ...before, ...changed };
      const audit = this.#context.audit(caller, "update", policyId, changed);
      return { changes: [{ table: "policies", row }], audit: [audit], result: fromRow(row) };
    });
  }

  async delete(caller: Caller, policyId: string): Promise<void> {
    requireCustom(policyId);
    const { directory } = this.#dependencies;
    await directory.change(async () => {
      const row = this.#find(caller, "delete", policyId);
      const isGranted = directory
        .table("grants")
        .all()
        .some((grant) => grant.policyId === policyId);
      if (isGranted) throw new PlatformError("RESOURCE_IN_USE", "The policy is granted.");
      const audit = this.#context.audit(caller, "delete", policyId, { name: row.name });
      return { changes: [{ table: "policies", row, remove: true }], audit: [audit], result: undefined };
    });
  }

  #find(caller: Caller, verb: string, policyId: string): PolicyRow {
    return this.#context.requireRow(caller, verb, policyId, this.#dependencies.directory.row("policies", policyId));
  }

  #requireFree(tenantId: string, name: string): void {
    const isTaken = this.#ofTenant(tenantId).some((row) => row.name === name) || systemPolicy(name) !== undefined;
    if (isTaken) throw new PlatformError("NAME_EXISTS");
  }
}

function requirePolicyFields({ name, description }: Fields): void {
  if (name !== undefined) {
    requireName(name, isPolicyName, "1 to 128 letters, digits, spaces inside or characters of _-.");
  }
  requireDescription(description);
}

function requireCustom(policyId: string): void {
  if (systemPolicy(policyId) !== undefined) {
    throw new PlatformError("RESOURCE_IN_USE", "A system policy is part of the program and stays as it is.");
  }
}

/** A stored document was checked when it came in. */
function fromRow(row: PolicyRow): Policy {
  return { ...row, kind: "custom", document: parsePolicyDocument(row.document) };
}

function fromSystem({ name, description, document }: SystemPolicy): Policy {
  return { policyId: name, kind: "system", tenantId: null, name, description, document, createdMs: null };
}
