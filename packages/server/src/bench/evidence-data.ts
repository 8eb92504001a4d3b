/** Deterministic keys and values of the evidence contract, in the documented form. */
export const BENCH_CHAIN_CODE = "BenchChainCode01";

export function evidenceKey(chainCode: string, dataTypeCode: string, number: number): string {
  return `0001_${chainCode}_${dataTypeCode}_${number.toString(16).padStart(32, "0")}`;
}

/** ASCII of exactly that many bytes, different for each number. */
export function evidenceValue(number: number, bytes: number): string {
  const start = `${number}:`;
  return start.padEnd(bytes, "abcdefghijklmnopqrstuvwxyz0123456789").slice(0, bytes);
}
