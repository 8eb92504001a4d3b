import type { Handlers } from "@concordat/api-kit";
import type { deviceIdentityRoutes } from "../routes/device-identities.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";

export const deviceIdentityHandlers = {
  async createDeviceIdentities({ count = 1, ...input }, { platform, caller }) {
    return { devices: [...(await platform.deviceIdentities.provision(caller, { ...input, count }))] };
  },
  async listDeviceIdentities(input, { platform, caller }) {
    const { total, items } = await platform.deviceIdentities.list(caller, paged(input));
    return { total, devices: [...items] };
  },
  async getDeviceIdentity({ iotId }, { platform, caller }) {
    return platform.deviceIdentities.get(caller, iotId);
  },
  async exportDeviceIdentity({ iotId }, { platform, caller }) {
    return platform.deviceIdentities.export(caller, iotId);
  },
  async updateDeviceIdentity({ iotId, enabled }, { platform, caller }) {
    return platform.deviceIdentities.setEnabled(caller, iotId, enabled);
  },
} satisfies Handlers<typeof deviceIdentityRoutes, NativeContext>;
