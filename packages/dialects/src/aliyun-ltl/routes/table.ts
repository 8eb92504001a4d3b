import { chainRoutes } from "./chains.ts";
import { evidenceRoutes } from "./evidence.ts";
import { historyRoutes } from "./history.ts";

/** Every action of this API that is built. */
export const routes = { ...chainRoutes, ...evidenceRoutes, ...historyRoutes };
