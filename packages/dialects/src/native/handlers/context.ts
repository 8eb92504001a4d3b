import type { Platform, Principal, Receipts } from "@concordat/platform";

/** Reads the channel's whole state, under the permission of reading its status. */
export interface StateHashes {
  stateHash(caller: Principal, channelId: string): Promise<{ readonly height: number; readonly stateHash: string }>;
}

export type NativePlatform = Omit<Platform, "receipts"> & { readonly receipts: Receipts & StateHashes };

export interface NativeContext {
  readonly caller: Principal;
  readonly platform: NativePlatform;
}
