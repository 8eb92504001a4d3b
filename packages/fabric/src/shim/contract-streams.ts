import type { Clock, Logger } from "@concordat/base";
import type { ContractStreams } from "../contracts/ports.ts";
import { dialService } from "./dial.ts";
import { SHIM_LIMITS, type ShimLimits } from "./limits.ts";
import { SocketListener } from "./listen.ts";

/**
 * Fabric's chaincode protocol, from the peer's side: chaincodes that dial in at a Unix socket, and services that the peer dials.
 *
 * @source fabric-protos peer/chaincode_shim.proto; the peer's behaviour was traced on Fabric 2.5.4
 */
export function createContractStreams(
  options: { readonly limits?: Partial<ShimLimits> },
  dependencies: { readonly clock: Clock; readonly log: Logger },
): ContractStreams {
  const limits = { ...SHIM_LIMITS, ...options.limits };
  return {
    async listen({ socketPath, packageId }) {
      const listener = new SocketListener({ socketPath, packageId, limits }, dependencies);
      await listener.open();
      return listener;
    },
    dial: ({ service, packageId }) => dialService({ service, packageId, limits }, dependencies),
  };
}
