import { accessTokenRoutes } from "./access-token.ts";

/** Every operation of this API that is served. */
export const routes = { ...accessTokenRoutes };
