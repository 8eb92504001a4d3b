import type { Authorizer } from "../access/authorizer.ts";
import type { Directory } from "../directory/directory.ts";
import type { Principal } from "../ports.ts";
import type { NetworkAction } from "./access.ts";

/** The channels of networks on which an action is open to a principal, whatever it signed in with: by ascending id. */
export function visibleNetworkChannels(
  principal: Principal,
  action: NetworkAction,
  { directory, authorizer }: { readonly directory: Directory; readonly authorizer: Authorizer },
): string[] {
  const caller = authorizer.wholeCaller(principal);
  const ownTenant = directory.tenantIdOf(principal);
  return directory
    .table("networkChannels")
    .all()
    .filter(({ channelId, networkId, status }) => {
      const network = directory.row("networks", networkId);
      if (status !== "active" || network === undefined) return false;
      const { tenantId, projectId } = network;
      if (tenantId !== ownTenant && !principal.installationAdministrator) return false;
      return authorizer.allows(caller, action, { kind: "channel", id: channelId, tenantId, projectId });
    })
    .map(({ channelId }) => channelId)
    .sort();
}
