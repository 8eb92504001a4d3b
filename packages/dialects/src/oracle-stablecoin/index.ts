export {
  basicAuthenticator,
  type OAuthAuthDependencies,
  oauthAuthenticator,
  oracleAuthentication,
} from "./auth/authenticators.ts";
export { type GatewayFailure, GatewayRefusal, gatewayFailureOf } from "./auth/gateway-errors.ts";
export { type OracleStablecoinOptions, oracleStablecoinDialect } from "./plugin.ts";
export { routes } from "./routes/table.ts";
