import type { Handlers } from "@concordat/api-kit";
import type { deviceGroupRoutes } from "../routes/device-groups.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";

export const deviceGroupHandlers = {
  async registerDeviceGroup(input, { platform, caller }) {
    return platform.devices.registerGroup(caller, input);
  },
  async listDeviceGroups(input, { platform, caller }) {
    const { total, items } = await platform.devices.listGroups(caller.principal, paged(input));
    return { total, deviceGroups: [...items] };
  },
  async authorizeDeviceGroup(input, { platform, caller }) {
    await platform.devices.setGroupAuthorized(caller, { ...input, authorized: true });
    return {};
  },
  async unauthorizeDeviceGroup(input, { platform, caller }) {
    await platform.devices.setGroupAuthorized(caller, { ...input, authorized: false });
    return {};
  },
  async listDevices(input, { platform, caller }) {
    const { total, items } = await platform.devices.list(caller.principal, paged(input));
    return { total, devices: [...items] };
  },
  async authorizeDevice(input, { platform, caller }) {
    await platform.devices.setAuthorized(caller, { ...input, authorized: true });
    return {};
  },
  async unauthorizeDevice(input, { platform, caller }) {
    await platform.devices.setAuthorized(caller, { ...input, authorized: false });
    return {};
  },
} satisfies Handlers<typeof deviceGroupRoutes, NativeContext>;
