/** When a contract that ended is started again. */
export interface BackOff {
  /** After the second failure in a row; doubled with each further one. The first restart comes at once. */
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
  /** So many failures in a row are a crash loop: it is not started again by itself. Undefined: it is tried for ever. */
  readonly failuresMax: number | undefined;
  /** A run of this length makes earlier failures forgotten. */
  readonly healthyMs: number;
}

/** Of a process. */
export const processBackOff: BackOff = {
  firstDelayMs: 1_000,
  delayMaxMs: 60_000,
  failuresMax: 6,
  healthyMs: 60_000,
};

/** Of a service elsewhere, which may come back at any time. */
export const serviceBackOff: BackOff = { ...processBackOff, delayMaxMs: 30_000, failuresMax: undefined };

/** @param failures in a row, this one counted; undefined: not again */
export function delayAfter(failures: number, backOff: BackOff): number | undefined {
  if (backOff.failuresMax !== undefined && failures >= backOff.failuresMax) return undefined;
  if (failures <= 1) return 0;
  return Math.min(backOff.delayMaxMs, backOff.firstDelayMs * 2 ** Math.min(failures - 2, 30));
}
