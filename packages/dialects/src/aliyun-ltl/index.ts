export { type AliyunLtlOptions, aliyunLtlDialect } from "./plugin.ts";
