import { oauthRoutes } from "./oauth.ts";

/** Every operation of this API that is served. */
export const routes = { ...oauthRoutes };
