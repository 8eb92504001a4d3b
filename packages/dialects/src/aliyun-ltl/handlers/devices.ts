import type { Handlers } from "@concordat/api-kit";
import type { deviceGroupRoutes } from "../routes/device-groups.ts";
import type { deviceRoutes } from "../routes/devices.ts";
import type { LtlContext } from "./context.ts";

export const deviceHandlers = {
  async RegisterDeviceGroup({ authorizeType: _onlyOne, ...input }, { platform, wholeCaller }) {
    return (await platform.devices.registerGroup(wholeCaller(), input)).deviceGroupId;
  },
  async ListDeviceGroup(input, { platform, caller }) {
    const { total, items } = await platform.devices.listGroups(caller, input);
    const groups = items.map(({ authorized, ownerName, deviceGroupId, ownerUid, productKey, remark }) => ({
      authorized,
      ownerName,
      deviceGroupId,
      ownerUid,
      productKey,
      remark,
    }));
    return { page: input.page, pageSize: input.pageSize, total, items: groups };
  },
  async AuthorizeDeviceGroup(input, { platform, wholeCaller }) {
    await platform.devices.setGroupAuthorized(wholeCaller(), { ...input, authorized: true });
    return {};
  },
  async UnAuthorizeDeviceGroup(input, { platform, wholeCaller }) {
    await platform.devices.setGroupAuthorized(wholeCaller(), { ...input, authorized: false });
    return {};
  },
  async ListDevice(input, { platform, caller }) {
    const { total, items } = await platform.devices.list(caller, input);
    return { page: input.page, pageSize: input.pageSize, total, items: [...items] };
  },
  async AuthorizeDevice(input, { platform, wholeCaller }) {
    await platform.devices.setAuthorized(wholeCaller(), { ...input, authorized: true });
    return {};
  },
  async UnAuthorizeDevice(input, { platform, wholeCaller }) {
    await platform.devices.setAuthorized(wholeCaller(), { ...input, authorized: false });
    return {};
  },
} satisfies Handlers<typeof deviceGroupRoutes & typeof deviceRoutes, LtlContext>;
