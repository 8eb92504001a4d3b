import { securityRoutes } from "./security.ts";

/** Every operation of this API that is served. */
export const routes = { ...securityRoutes };
