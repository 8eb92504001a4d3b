/** The entry for whoever only holds the port: it loads no gRPC. */
export type * from "./ports.ts";
