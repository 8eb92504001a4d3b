export * from "./contract-api/index.ts";
export type * from "./ports.ts";
