import { InvariantError } from "@concordat/base";
import type { Directory } from "../directory/directory.ts";
import type { Caller } from "../ports.ts";

/** Whom the installation itself takes up an account's work as. */
export function installationCaller(uid: string, directory: Directory): Caller {
  const principal = directory.principal(uid);
  if (principal === undefined) throw new InvariantError(`Account ${uid} is not in the directory.`);
  const tenantId = directory.tenantIdOf(principal);
  return {
    principal,
    tenantId,
    scope: { kind: "tenant", tenantId },
    credential: { kind: "installation", id: "" },
    sourceAddress: undefined,
    requestId: "",
  };
}
