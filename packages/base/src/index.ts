export * from "./bytes.ts";
export * from "./clock.ts";
export * from "./errors.ts";
export * from "./file-system.ts";
export * from "./log.ts";
export { ManualClock } from "./manual-clock.ts";
export { isMissing, nodeFileSystem } from "./node-file-system.ts";
export * from "./random.ts";
