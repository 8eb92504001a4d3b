export {
  type IserverAuthDependencies,
  iserverAuthentication,
  iserverBasicAuthenticator,
  iserverSessionAuthenticator,
  iserverTokenAuthenticator,
} from "./auth.ts";
export { type SupermapOptions, supermapDialect } from "./plugin.ts";
export { routes } from "./routes/table.ts";
