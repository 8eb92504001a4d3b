/** Limits of one stream to a chaincode. */
export interface ShimLimits {
  /** Of one message, both ways, in bytes. */
  readonly messageBytesMax: number;
  /** Transactions that run on one stream at once; further calls wait. */
  readonly runningMax: number;
  /** Calls that wait for their turn on one stream; further ones are refused. */
  readonly waitingMax: number;
  /** Open queries of one transaction. */
  readonly iteratorsMax: number;
  /** Streams of one listener that have not registered yet; it takes one connection more. */
  readonly unregisteredMax: number;
  /** From the start of a stream to its REGISTER. */
  readonly registerTimeoutMs: number;
  /** Between pings to a service that was dialled; a service may refuse more than one a minute. */
  readonly keepaliveMs: number;
  /** From a ping to its answer; then the stream has ended. */
  readonly keepaliveTimeoutMs: number;
}

export const SHIM_LIMITS: ShimLimits = {
  messageBytesMax: 16 * 1024 * 1024,
  runningMax: 256,
  waitingMax: 4096,
  iteratorsMax: 64,
  unregisteredMax: 8,
  registerTimeoutMs: 30_000,
  keepaliveMs: 60_000,
  keepaliveTimeoutMs: 20_000,
};
