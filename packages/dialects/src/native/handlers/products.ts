import type { Handlers } from "@concordat/api-kit";
import type { productRoutes } from "../routes/products.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";

export const productHandlers = {
  async createDeviceProduct(input, { platform, caller }) {
    return platform.deviceProducts.create(caller, input);
  },
  async listDeviceProducts(input, { platform, caller }) {
    const { total, items } = await platform.deviceProducts.list(caller, paged(input));
    return { total, deviceProducts: [...items] };
  },
  async getDeviceProduct({ productKey }, { platform, caller }) {
    return platform.deviceProducts.get(caller, productKey);
  },
  async deleteDeviceProduct({ productKey }, { platform, caller }) {
    await platform.deviceProducts.delete(caller, productKey);
    return {};
  },
} satisfies Handlers<typeof productRoutes, NativeContext>;
