import type { Clock, RandomSource } from "@concordat/base";
import type { Authorizer } from "../access/authorizer.ts";
import { isDescription } from "../access/names.ts";
import type { Resource } from "../access/resource.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import type { AuditEntryTable } from "../control-store/schema.ts";
import type { Directory } from "../directory/directory.ts";
import { type AnyPlatformErrorCode, PlatformError } from "../errors.ts";
import { platformLimits } from "../limits.ts";
import type { Caller } from "../ports.ts";
import type { Page, PageQuery } from "./ports.ts";

export interface TenancyDependencies {
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** One kind of things in tenants, in the words of its actions. */
export interface Noun {
  /** `iam` when left out. */
  readonly service?: string;
  /** For instance `group`: the type in `iam:group:create` and the kind of the resource. */
  readonly kind: string;
  readonly unknown: AnyPlatformErrorCode;
}

/** What the services of the tenancy share: finding the tenant meant, asking authorize, auditing, paging. */
export class TenancyContext {
  readonly #noun: Noun;
  readonly #dependencies: TenancyDependencies;

  constructor(noun: Noun, dependencies: TenancyDependencies) {
    this.#noun = noun;
    this.#dependencies = dependencies;
  }

  /**
   * The tenant in which the caller lists or creates: that asked for, else its own.
   * @throws PlatformError ACCESS_DENIED; TENANT_UNKNOWN
   */
  requireTenant(caller: Caller, verb: string, asked: string | undefined): string {
    const tenantId = asked ?? caller.tenantId;
    this.require(caller, verb, { tenantId });
    if (this.#dependencies.directory.row("tenants", tenantId) === undefined) throw new PlatformError("TENANT_UNKNOWN");
    return tenantId;
  }

  /**
   * The row, if the caller may do this to it.
   * @throws PlatformError ACCESS_DENIED; the noun's own code when there is none, or none in a tenant that the caller can reach
   */
  requireRow<Row extends { readonly tenantId: string }>(
    caller: Caller,
    verb: string,
    id: string,
    row: Row | undefined,
    further: Partial<Resource> = {},
  ): Row {
    const isReachable = row?.tenantId === caller.tenantId || caller.principal.installationAdministrator;
    const found = isReachable ? row : undefined;
    this.require(caller, verb, { ...further, id, tenantId: found?.tenantId ?? caller.tenantId });
    if (found === undefined) throw new PlatformError(this.#noun.unknown);
    return found;
  }

  require(caller: Caller, verb: string, resource: Omit<Resource, "kind">): void {
    const { kind } = this.#noun;
    this.#dependencies.authorizer.require(caller, this.#action(verb), { ...resource, kind });
  }

  audit(caller: Caller, verb: string, id: string, detail: object): AuditEntryTable {
    const { kind } = this.#noun;
    const event = { action: this.#action(verb), resource: { kind, id }, detail: { ...detail } };
    return auditEntry(caller, event, this.#dependencies);
  }

  #action(verb: string): string {
    const { service = "iam", kind } = this.#noun;
    return `${service}:${kind}:${verb}`;
  }
}

/** @throws PlatformError PAGE_INVALID */
export function pageOf<Item>(items: readonly Item[], { page, pageSize }: PageQuery): Page<Item> {
  const isPage = Number.isSafeInteger(page) && page >= 1;
  if (!isPage || !Number.isSafeInteger(pageSize) || pageSize < 1 || pageSize > platformLimits.listPageSizeMax) {
    const facts = { pageSizeMax: platformLimits.listPageSizeMax };
    throw new PlatformError("PAGE_INVALID", `Pages count from 1 and have 1 to ${facts.pageSizeMax} rows.`, { facts });
  }
  return { total: items.length, items: items.slice((page - 1) * pageSize, page * pageSize) };
}

/** By creation, then by id: an order that stays while others come and go. */
export function inOrder<Item extends { readonly createdMs: number }>(
  items: readonly Item[],
  idOf: (item: Item) => string,
): Item[] {
  return [...items].sort((a, b) => a.createdMs - b.createdMs || (idOf(a) < idOf(b) ? -1 : 1));
}

/** @throws PlatformError DESCRIPTION_INVALID */
export function requireDescription(text: string | undefined): string {
  if (text !== undefined && !isDescription(text)) throw new PlatformError("DESCRIPTION_INVALID");
  return text ?? "";
}

/** @throws PlatformError NAME_INVALID */
export function requireName(name: string, isValid: (name: string) => boolean, rule: string): void {
  if (!isValid(name)) throw new PlatformError("NAME_INVALID", `The name must have ${rule}.`);
}

/** The fields of a change that were given: what is left out stays. */
export function given<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  // Only fields without a value are gone.
  return Object.fromEntries(entries) as { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };
}
