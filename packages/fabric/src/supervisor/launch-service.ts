import type { ContractStreams, ServiceAddress } from "../contracts/ports.ts";
import type { RunningContract } from "./ports.ts";

/** Dials a contract that runs elsewhere. @throws FabricError CONTRACT_NOT_RUNNING */
export async function launchService(
  options: { readonly packageId: string; readonly service: ServiceAddress },
  dependencies: { readonly streams: ContractStreams },
): Promise<RunningContract> {
  const connection = await dependencies.streams.dial(options);
  const ended = connection.closed.then((reason) => `The service at ${options.service.address} is gone: ${reason}.`);
  return {
    connection,
    processId: null,
    ended,
    async stop() {
      connection.close();
      await ended;
    },
    kill: () => connection.close(),
  };
}
