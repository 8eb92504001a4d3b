import { accountRoutes } from "./accounts.ts";
import { chainRoutes } from "./chains.ts";
import { channelRoutes } from "./channels.ts";
import { receiptRoutes } from "./receipts.ts";

/** Every operation of the native API. */
export const routes = { ...receiptRoutes, ...channelRoutes, ...chainRoutes, ...accountRoutes };
