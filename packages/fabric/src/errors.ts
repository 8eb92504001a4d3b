import { ConcordatError, type ErrorFacts } from "@concordat/base";
import type { FabricErrorCode } from "./ports.ts";

/** A refusal of the package: to the platform, not to a client on the wire. */
export class FabricError extends ConcordatError<FabricErrorCode> {
  constructor(
    code: FabricErrorCode,
    summary: string,
    details: { readonly remedy?: string; readonly facts?: ErrorFacts; readonly cause?: unknown } = {},
  ) {
    super({ code, summary, ...details });
  }
}

export const fabricErrors = {
  nodeUnknown: (nodeId: string) =>
    new FabricError("NODE_UNKNOWN", `No node ${nodeId} is running.`, { facts: { nodeId } }),
  nodePortTaken: (nodeId: string, port: number, cause: unknown) =>
    new FabricError("NODE_PORT_TAKEN", `Node ${nodeId} cannot listen on port ${port}.`, {
      remedy: "Free the port or give the node another one.",
      facts: { nodeId, port },
      cause,
    }),
  nodeNotOnChannel: (nodeId: string, channelId: string) =>
    new FabricError("NODE_NOT_ON_CHANNEL", `Node ${nodeId} is not on channel ${channelId}.`, {
      facts: { nodeId, channelId },
    }),
};
