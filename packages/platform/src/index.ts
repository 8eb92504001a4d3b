export { type BootstrapOptions, type BootstrapResult, bootstrapInstallation } from "./bootstrap.ts";
export type { ChainOptions } from "./chains/chains-service.ts";
export type { ControlStore } from "./control-store/port.ts";
export { openSqliteControlStore } from "./control-store/sqlite/store.ts";
export {
  createPlatform,
  type OpenPlatform,
  type PlatformDependencies,
  type PlatformOptions,
} from "./create-platform.ts";
export { PlatformError } from "./errors.ts";
export { ensureInstallationId } from "./installation.ts";
export * from "./ports.ts";
