export { type BifAuthDependencies, bifAuthentication, bifAuthenticator } from "./auth.ts";
export { type BifOptions, bifDialect } from "./plugin.ts";
export { routes } from "./routes/table.ts";
