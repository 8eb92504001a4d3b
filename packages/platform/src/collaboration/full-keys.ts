import type { BusinessChain } from "../ports.ts";

/** A key in the form of the documents' answers, taken apart. */
export interface FullKey {
  readonly phaseCode: string;
  readonly dataKey: string;
}

/**
 * `0002_CHAINCODE_PHASECODE_DATAKEY`.
 * @source LTL document, section 6.2 (relatedDataKey in the answers)
 */
export function fullKeyOf(
  { bizChainCode }: Pick<BusinessChain, "bizChainCode">,
  { phaseCode, dataKey }: FullKey,
): string {
  return `0002_${bizChainCode}_${phaseCode}_${dataKey}`;
}

/**
 * Takes apart what {@link fullKeyOf} makes; undefined for every other text. Since nothing is uploaded under a key of this form on the chain
 * that it names, a text never means two things.
 */
export function parseFullKey({ bizChainCode }: Pick<BusinessChain, "bizChainCode">, text: string): FullKey | undefined {
  const prefix = `0002_${bizChainCode}_`;
  const match = text.startsWith(prefix) ? /^([0-9A-Z]{4})_(.+)$/s.exec(text.slice(prefix.length)) : null;
  const [, phaseCode, dataKey] = match ?? [];
  return phaseCode === undefined || dataKey === undefined ? undefined : { phaseCode, dataKey };
}
