import { isGroupName } from "../access/names.ts";
import type { ControlChange, GroupMemberRow } from "../control-store/rows.ts";
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
import type { Group, Groups, Page, PageQuery, User } from "./ports.ts";

export interface GroupsDependencies extends TenancyDependencies {
  /** The user, unless it is deleted or there is none. */
  readonly userOf: (uid: string) => User | undefined;
}

type Fields = { readonly name?: string; readonly description?: string };

export class GroupsService implements Groups {
  readonly #dependencies: GroupsDependencies;
  readonly #context: TenancyContext;
  readonly #ofTenant: (tenantId: string) => readonly Group[];
  readonly #membersOf: (groupId: string) => readonly GroupMemberRow[];

  constructor(dependencies: GroupsDependencies) {
    this.#dependencies = dependencies;
    this.#context = new TenancyContext({ kind: "group", unknown: "GROUP_UNKNOWN" }, dependencies);
    this.#ofTenant = dependencies.directory.table("groups").index((row) => row.tenantId);
    this.#membersOf = dependencies.directory.table("groupMembers").index((row) => row.groupId);
  }

  async create(caller: Caller, input: { tenantId?: string; name: string; description?: string }): Promise<Group> {
    const { directory, clock, random } = this.#dependencies;
    const { name, description = "" } = input;
    requireGroupFields(input);
    return directory.change(async () => {
      const tenantId = this.#context.requireTenant(caller, "create", input.tenantId);
      this.#requireFree(tenantId, name);
      const row: Group = { groupId: newIds.groupId(random), tenantId, name, description, createdMs: clock.nowMs() };
      const audit = this.#context.audit(caller, "create", row.groupId, { name });
      return { changes: [{ table: "groups", row }], audit: [audit], result: row };
    });
  }

  async list(
    caller: Caller,
    query: PageQuery & { readonly tenantId?: string; readonly name?: string },
  ): Promise<Page<Group>> {
    const tenantId = this.#context.requireTenant(caller, "list", query.tenantId);
    const rows = this.#ofTenant(tenantId).filter((row) => query.name === undefined || row.name === query.name);
    const ordered = inOrder(rows, (row) => row.groupId);
    return pageOf(ordered, query);
  }

  async get(caller: Caller, groupId: string): Promise<Group> {
    return this.#find(caller, "get", groupId);
  }

  async update(caller: Caller, { groupId, ...fields }: Fields & { groupId: string }): Promise<Group> {
    requireGroupFields(fields);
    return this.#dependencies.directory.change(async () => {
      const before = this.#find(caller, "update", groupId);
      if (fields.name !== undefined && fields.name !== before.name) this.#requireFree(before.tenantId, fields.name);
      const row: Group = { ...before, ...given(fields) };
      const audit = this.#context.audit(caller, "update", groupId, given(fields));
      return { changes: [{ table: "groups", row }], audit: [audit], result: row };
    });
  }

  async delete(caller: Caller, groupId: string): Promise<void> {
    const { directory } = this.#dependencies;
    await directory.change(async () => {
      const row = this.#find(caller, "delete", groupId);
      const members = this.#membersOf(groupId);
      const grants = directory
        .table("grants")
        .all()
        .filter((grant) => grant.granteeKind === "group" && grant.granteeId === groupId);
      const changes: ControlChange[] = [
        ...members.map((member) => ({ table: "groupMembers", row: member, remove: true }) as const),
        ...grants.map((grant) => ({ table: "grants", row: grant, remove: true }) as const),
        { table: "groups", row, remove: true },
      ];
      const detail = { name: row.name, members: members.length, grants: grants.length };
      return { changes, audit: [this.#context.audit(caller, "delete", groupId, detail)], result: undefined };
    });
  }

  async addMember(caller: Caller, { groupId, uid }: { groupId: string; uid: string }): Promise<void> {
    const { directory, clock, userOf } = this.#dependencies;
    await directory.change(async () => {
      const group = this.#find(caller, "addMember", groupId);
      const user = userOf(uid);
      if (user?.tenantId !== group.tenantId) throw new PlatformError("USER_UNKNOWN");
      if (user.kind === "account") {
        throw new PlatformError(
          "ACCOUNT_KIND_REFUSED",
          "An account is in no group: it may do everything in its tenant.",
        );
      }
      if (directory.row("groupMembers", groupId, uid) !== undefined) return { changes: [], result: undefined };
      const row: GroupMemberRow = { groupId, uid, createdMs: clock.nowMs() };
      const audit = this.#context.audit(caller, "addMember", groupId, { uid });
      return { changes: [{ table: "groupMembers", row }], audit: [audit], result: undefined };
    });
  }

  async removeMember(caller: Caller, { groupId, uid }: { groupId: string; uid: string }): Promise<void> {
    const { directory } = this.#dependencies;
    await directory.change(async () => {
      this.#find(caller, "removeMember", groupId);
      const row = directory.row("groupMembers", groupId, uid);
      if (row === undefined) return { changes: [], result: undefined };
      const audit = this.#context.audit(caller, "removeMember", groupId, { uid });
      return { changes: [{ table: "groupMembers", row, remove: true }], audit: [audit], result: undefined };
    });
  }

  async listMembers(caller: Caller, query: PageQuery & { readonly groupId: string }): Promise<Page<User>> {
    const { userOf } = this.#dependencies;
    this.#find(caller, "listMembers", query.groupId);
    const rows = inOrder(this.#membersOf(query.groupId), (row) => row.uid);
    return pageOf(
      rows.flatMap(({ uid }) => userOf(uid) ?? []),
      query,
    );
  }

  #find(caller: Caller, verb: string, groupId: string): Group {
    return this.#context.requireRow(caller, verb, groupId, this.#dependencies.directory.row("groups", groupId));
  }

  #requireFree(tenantId: string, name: string): void {
    if (this.#ofTenant(tenantId).some((row) => row.name === name)) throw new PlatformError("NAME_EXISTS");
  }
}

function requireGroupFields({ name, description }: Fields): void {
  if (name !== undefined) requireName(name, isGroupName, "1 to 64 letters, digits, spaces inside or characters of _-.");
  requireDescription(description);
}
