import type { Handlers } from "@concordat/api-kit";
import type { AccessKey, Principal } from "@concordat/platform";
import type { accountRoutes } from "../routes/accounts.ts";
import type { NativeContext } from "./context.ts";

export const accountHandlers = {
  async createAccount(input, { platform, caller }) {
    return toWire(await platform.accounts.createAccount(caller, input));
  },
  async createRamUser(input, { platform, caller }) {
    return toWire(await platform.accounts.createRamUser(caller, input));
  },
} satisfies Handlers<typeof accountRoutes, NativeContext>;

function toWire({ principal, accessKey }: { principal: Principal; accessKey: AccessKey }) {
  return {
    principal: {
      uid: principal.uid,
      accountUid: principal.accountUid,
      kind: principal.kind,
      name: principal.name,
      mspId: principal.mspId,
      ledgerServiceOpened: principal.ledgerServiceOpened,
    },
    accessKey: { accessKeyId: accessKey.accessKeyId, accessKeySecret: accessKey.secret },
  };
}
