import type { Clock, Logger } from "@concordat/base";
import { ShimConnection } from "./connection.ts";
import type { ShimLimits } from "./limits.ts";
import { decodeMessage, decodeRegistration, encodeMessage, MESSAGE_TYPE, messageTypeName } from "./message.ts";
import type { MessageStream } from "./wire.ts";

/** What a stream turned out to be. */
export type Registration =
  | { readonly connection: ShimConnection; readonly refused?: undefined }
  | { readonly connection?: undefined; readonly refused: string };

function faultOf(bytes: Uint8Array, packageId: string): string | undefined {
  const message = decodeMessage(bytes);
  if (message === undefined) return "its first message cannot be read";
  if (message.type !== MESSAGE_TYPE.REGISTER) return `it sent ${messageTypeName(message.type)} before REGISTER`;
  const name = decodeRegistration(message.payload);
  if (name === packageId) return undefined;
  return name === undefined
    ? "its REGISTER cannot be read"
    : `it registered as "${name.slice(0, 200)}" where "${packageId}" was expected`;
}

/**
 * Waits for REGISTER and answers it. Whoever wins by `admit` is told REGISTERED and READY; nothing is announced in READY, so shims ask for
 * one key at a time. The stream's errors are handled from here on.
 */
export function register(
  options: {
    readonly packageId: string;
    readonly limits: ShimLimits;
    readonly timeoutMs: number;
    /** Asked once the name is right; a text refuses. */
    readonly admit?: () => string | undefined;
  },
  dependencies: { readonly stream: MessageStream; readonly clock: Clock; readonly log: Logger },
): Promise<Registration> {
  const { stream, clock, log } = dependencies;
  return new Promise((resolve) => {
    let connection: ShimConnection | undefined;
    let refused = false;
    const refuse = (reason: string) => {
      refused = true;
      cancelTimer();
      resolve({ refused: reason });
    };
    const cancelTimer = clock.after(options.timeoutMs, () => refuse("it did not register in time"));
    const ended = (reason: string) => (connection === undefined ? refuse(reason) : connection.end(reason));
    stream.on("data", (bytes: Uint8Array) => {
      if (connection !== undefined) return connection.receive(bytes);
      if (refused) return;
      const fault = faultOf(bytes, options.packageId) ?? options.admit?.();
      if (fault !== undefined) return refuse(fault);
      cancelTimer();
      connection = new ShimConnection({ limits: options.limits }, { stream, clock, log });
      stream.write(encodeMessage(MESSAGE_TYPE.REGISTERED, undefined));
      stream.write(encodeMessage(MESSAGE_TYPE.READY, undefined));
      resolve({ connection });
    });
    stream.on("error", (error: Error) => ended(`the stream broke: ${error.message}`));
    stream.on("cancelled", () => ended("the contract went away"));
    stream.on("end", () => ended("the contract ended the stream"));
    stream.on("close", () => ended("the stream was closed"));
  });
}
