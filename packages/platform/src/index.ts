export { type BootstrapOptions, type BootstrapResult, bootstrapInstallation } from "./bootstrap.ts";
export { type ChainOptions, defaultChainOptions } from "./chains/chains-service.ts";
export { defaultBlockCutting } from "./chains/channel-config.ts";
export type { ControlStore } from "./control-store/port.ts";
export { openSqliteControlStore } from "./control-store/sqlite/store.ts";
export {
  createPlatform,
  type OpenPlatform,
  type PlatformDependencies,
  type PlatformOptions,
} from "./create-platform.ts";
export { PlatformError, platformErrorSummaries } from "./errors.ts";
export { ensureInstallationId } from "./installation.ts";
export * from "./ports.ts";
