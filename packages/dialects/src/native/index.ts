export { type Problem, platformStatuses } from "./errors.ts";
export type { NativePlatform, StateHashes } from "./handlers/context.ts";
export { nativeOpenApi } from "./openapi.ts";
export { type NativeOptions, nativeDialect } from "./plugin.ts";
export { routes } from "./routes/table.ts";
