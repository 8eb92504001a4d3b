import { type Clock, InvariantError } from "@concordat/base";
import type { GrantRow, PolicyRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { BusinessChain, Caller, ChainMembership, Principal } from "../ports.ts";
import { type ChainAction, chainActions } from "./actions.ts";
import { type AccessFacts, authorize, type EffectiveGrant } from "./authorize.ts";
import { type CompiledPolicy, compilePolicy } from "./compiled-policy.ts";
import { type AccessDecision, refusalSentences } from "./decision.ts";
import { parsePolicyDocument } from "./policy-document.ts";
import type { Resource } from "./resource.ts";
import { compiledSystemPolicy } from "./system-policies.ts";

type ChainName = Pick<BusinessChain, "bizChainId" | "administratorUid">;
type AccessCaller = Pick<Caller, "principal" | "scope" | "sourceAddress">;

/** {@link authorize} over the directory. Policies are compiled once for each version of their row. */
export class Authorizer {
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #facts: AccessFacts;
  readonly #groupsOf: (uid: string) => readonly { readonly groupId: string }[];
  readonly #grantsOf: (grantee: string) => readonly GrantRow[];
  readonly #compiled = new WeakMap<PolicyRow, CompiledPolicy>();

  constructor({ directory, clock }: { readonly directory: Directory; readonly clock: Clock }) {
    this.#directory = directory;
    this.#clock = clock;
    this.#groupsOf = directory.table("groupMembers").index((row) => row.uid);
    this.#grantsOf = directory.table("grants").index((row) => granteeKey(row.granteeKind, row.granteeId));
    this.#facts = {
      project: (projectId) => directory.row("projects", projectId),
      enterpriseProject: (tenantId, id) => directory.row("enterpriseProjects", tenantId, id),
      grantsOf: (uid) => this.#effectiveGrants(uid),
      membership: (bizChainId, uid) => directory.membership(bizChainId, uid),
      hasMemberOfAccount: (bizChainId, accountUid) =>
        directory
          .membershipRows(bizChainId)
          .some(({ uid }) => directory.row("principals", uid)?.accountUid === accountUid),
    };
  }

  decide({ principal, scope, sourceAddress }: AccessCaller, action: string, resource: Resource): AccessDecision {
    const tenant = this.#directory.row("tenants", this.#directory.tenantIdOf(principal));
    if (tenant === undefined) throw new InvariantError(`The tenant of ${principal.uid} is not in the directory.`);
    const nowMs = this.#clock.nowMs();
    return authorize({ principal, tenant, scope, sourceAddress, action, resource, nowMs }, this.#facts);
  }

  allows(caller: AccessCaller, action: string, resource: Resource): boolean {
    return this.decide(caller, action, resource).allowed;
  }

  /** @throws PlatformError ACCESS_DENIED, SERVICE_NOT_OPENED, ACCOUNT_KIND_REFUSED; facts.reason says why */
  require(caller: AccessCaller, action: string, resource: Resource): void {
    const decision = this.decide(caller, action, resource);
    if (decision.allowed) return;
    const { code, reason } = decision;
    throw new PlatformError(code, refusalSentences[reason], { facts: { action, reason } });
  }

  /** @throws PlatformError SERVICE_NOT_OPENED, ACCESS_DENIED */
  requireService(principal: Principal): void {
    const caller = this.wholeCaller(principal);
    this.require(caller, chainActions.useService, { kind: "ledger-service", tenantId: null });
  }

  /**
   * The caller's place on a chain, if the action is open to it.
   * @param dataTypeCode of a write: the code that the record would carry
   * @throws PlatformError as require does
   */
  placeOnChain(caller: AccessCaller, action: ChainAction, chain: ChainName, dataTypeCode?: string): ChainMembership {
    this.require(caller, action, this.#chainResource(chain, dataTypeCode));
    const membership = this.#directory.membership(chain.bizChainId, caller.principal.uid);
    if (membership === undefined) throw new InvariantError("A caller without a place on a chain was let on it.");
    return membership;
  }

  allowsOnChain(caller: AccessCaller, action: ChainAction, chain: ChainName): boolean {
    return this.allows(caller, action, this.#chainResource(chain));
  }

  #chainResource({ bizChainId, administratorUid }: ChainName, dataTypeCode?: string): Resource {
    const administrator = this.#directory.row("principals", administratorUid);
    return {
      kind: "chain",
      id: bizChainId,
      tenantId: administrator === undefined ? null : this.#directory.tenantIdOf(administrator),
      ...(dataTypeCode === undefined ? {} : { dataTypeCode }),
    };
  }

  /** Whether a policy allows the principal anything in the project, or it needs none. */
  mayUseProject(principal: Principal, projectId: string): boolean {
    if (principal.kind === "account" || principal.installationAdministrator) return true;
    return this.#effectiveGrants(principal.uid).some(
      ({ grant, policy }) => policy.allowsSomething && (grant.scopeKind !== "project" || grant.scopeId === projectId),
    );
  }

  /** A principal whose credential the vendor's data calls have already checked, and which reaches its whole tenant. */
  wholeCaller(principal: Principal): AccessCaller {
    const scope = { kind: "tenant", tenantId: this.#directory.tenantIdOf(principal) } as const;
    return { principal, scope, sourceAddress: undefined };
  }

  #effectiveGrants(uid: string): readonly EffectiveGrant[] {
    const groups = this.#groupsOf(uid);
    const rows = [
      ...this.#grantsOf(granteeKey("user", uid)),
      ...groups.flatMap(({ groupId }) => this.#grantsOf(granteeKey("group", groupId))),
    ];
    return rows.map((grant) => ({ grant, policy: this.#policy(grant.policyId) }));
  }

  #policy(policyId: string): CompiledPolicy {
    const system = compiledSystemPolicy(policyId);
    if (system !== undefined) return system;
    const row = this.#directory.row("policies", policyId);
    if (row === undefined) throw new InvariantError(`Policy ${policyId} is granted and not in the directory.`);
    const known = this.#compiled.get(row);
    if (known !== undefined) return known;
    const policy = compilePolicy(parsePolicyDocument(row.document));
    this.#compiled.set(row, policy);
    return policy;
  }
}

function granteeKey(kind: GrantRow["granteeKind"], granteeId: string): string {
  return `${kind}/${granteeId}`;
}
