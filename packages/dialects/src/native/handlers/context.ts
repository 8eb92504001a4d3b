import type { Platform } from "@concordat/platform";
import type { NativeCaller } from "../authentication/native-caller.ts";

/** What a handler has beside its input. */
export interface NativeContext extends NativeCaller {
  readonly platform: Platform;
}
