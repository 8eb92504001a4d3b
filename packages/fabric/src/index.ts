/** Fabric at the wire. Loading this loads gRPC: only where a network exists. */
export { FabricError } from "./errors.ts";
export { createFabric } from "./fabric.ts";
export { createContractPackage } from "./packages/create-package.ts";
export type * from "./ports.ts";
export { createContractStreams } from "./shim/contract-streams.ts";
export { createContractHost } from "./supervisor/contract-host.ts";
