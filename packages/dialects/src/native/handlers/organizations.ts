import type { Handlers } from "@concordat/api-kit";
import type { OrganizationView } from "@concordat/platform";
import type { organizationRoutes } from "../routes/organizations.ts";
import type { NativeContext } from "./context.ts";
import { offsets } from "./paging.ts";

export const organizationHandlers = {
  async listOrganizations(query, { platform, caller }) {
    const { total, items } = await platform.organizations.list(caller, offsets(query));
    return { total, organizations: items.map(toWire) };
  },
  async getOrganization({ mspId }, { platform, caller }) {
    return toWire(await platform.organizations.get(caller, mspId));
  },
  async exportOrganizationMsp(input, { platform, caller }) {
    return { files: [...(await platform.organizations.exportMsp(caller, input))] };
  },
  async rotateOrganizationAuthority({ mspId, purpose = "identity" }, { platform, caller }) {
    const { jobId } = await platform.organizations.rotateAuthority(caller, { mspId, purpose });
    return { jobId };
  },
  async rotateOrganizationCheckpointKey({ mspId }, { platform, caller }) {
    const { jobId } = await platform.organizations.rotateCheckpointKey(caller, mspId);
    return { jobId };
  },
} satisfies Handlers<typeof organizationRoutes, NativeContext>;

function toWire({ authorities, checkpointKeys, channelIds, ...rest }: OrganizationView) {
  return {
    ...rest,
    authorities: authorities.map(({ purpose, fingerprint, standing, notAfterMs, certificatePem }) => ({
      purpose,
      fingerprint,
      standing,
      notAfterMs,
      certificatePem,
    })),
    checkpointKeys: [...checkpointKeys],
    channelIds: [...channelIds],
  };
}
