import type { Platform, Principal } from "@concordat/platform";

export interface NativeContext {
  readonly caller: Principal;
  readonly platform: Platform;
}
