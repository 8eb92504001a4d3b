export { platformErrors } from "./errors.ts";
export { aliyunLtlOpenApi } from "./openapi.ts";
export { type AliyunLtlOptions, aliyunLtlDialect } from "./plugin.ts";
export { routes } from "./routes/table.ts";
