import type { Clock, RandomSource } from "@concordat/base";
import type { MembershipRow } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import { drawFree, newIds } from "../directory/ids.ts";

export interface MembershipRowsDependencies {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly random: RandomSource;
}

type Given = Pick<MembershipRow, "bizChainId" | "uid" | "role" | "status" | "name" | "contact" | "phone" | "remark">;

/** A place on a chain that nobody had before, with an id and a data-type code of its own. For use inside a change of the directory. */
export function newMembership(given: Given, dependencies: MembershipRowsDependencies): MembershipRow {
  const { directory, clock, random } = dependencies;
  const memberId = drawFree(
    () => newIds.memberId(random),
    (id) => directory.row("memberships", given.bizChainId, id) !== undefined,
  );
  const dataTypeCode = drawFree(
    () => newIds.dataTypeCode(random),
    (code) => directory.membershipByCode(code) !== undefined,
  );
  return { ...given, memberId, dataTypeCode, formerUid: null, locked: false, createdMs: clock.nowMs() };
}
