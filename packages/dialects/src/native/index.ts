export { type Problem, platformStatuses } from "./errors.ts";
export { nativeOpenApi } from "./openapi.ts";
export { type NativeOptions, nativeDialect } from "./plugin.ts";
export { routes } from "./routes/table.ts";
