export {
  type HuaweiAuthenticator,
  type HuaweiAuthenticatorDependencies,
  huaweiAuthenticator,
} from "./authentication/authenticator.ts";
export { type HuaweiCaller, type HuaweiRequest, readHuaweiRequest } from "./authentication/huawei-request.ts";
export { requireProject } from "./authentication/narrowed.ts";
export type { IamPlatform, OfferedService } from "./handlers/context.ts";
export { type HuaweiOperationId, huaweiPermissions } from "./permissions.ts";
export { type HuaweiIamOptions, huaweiIamDialect } from "./plugin.ts";
