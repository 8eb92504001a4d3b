export { type MemoryCall, MemoryChannel } from "./memory-channel.ts";
