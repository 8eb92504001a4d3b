/** The parts of an evidence key `VERSION_CHAINCODE_TYPECODE_ID`. */
export interface EvidenceKey {
  /** `0001` is evidence; `0002` names data related to collaboration phases. */
  readonly version: "0001" | "0002";
  /** 16 letters and digits. */
  readonly chainCode: string;
  /** 4 characters of 0-9 and A-Z. */
  readonly dataTypeCode: string;
  /** 1 to 64 visible ASCII characters; everything after the third underscore, further underscores included. */
  readonly id: string;
}

const keyForm = /^(0001|0002)_([A-Za-z0-9]{16})_([0-9A-Z]{4})_([\x21-\x7e]{1,64})$/;
const chainCodeForm = /^[A-Za-z0-9]{16}$/;
const assignedBusinessIdForm = /^[0-9]{16}$/;
const givenBusinessIdForm = /^[0-9a-fA-F]{64}$/;

/**
 * Answers undefined when the text is no key: wrong form, or a version that is not known.
 * @source Aliyun LTL document, section 4.2.6 (-101, -102)
 */
export function parseEvidenceKey(text: string): EvidenceKey | undefined {
  const [, version, chainCode, dataTypeCode, id] = keyForm.exec(text) ?? [];
  if (version !== "0001" && version !== "0002") return undefined;
  if (chainCode === undefined || dataTypeCode === undefined || id === undefined) return undefined;
  return { version, chainCode, dataTypeCode, id };
}

/** A key under which evidence can be written: only version `0001` is. Others can be asked for, and are never found. */
export function parseWritableEvidenceKey(text: string): EvidenceKey | undefined {
  const key = parseEvidenceKey(text);
  return key?.version === "0001" ? key : undefined;
}

export function isChainCode(text: string): boolean {
  return chainCodeForm.test(text);
}

/** What a caller may give when it attaches. The text is compared as it stands: case counts. */
export function isGivenBusinessId(text: string): boolean {
  return givenBusinessIdForm.test(text);
}

/** What a reader may ask for: a given id, or one that the contract assigned. */
export function isReadableBusinessId(text: string): boolean {
  return givenBusinessIdForm.test(text) || assignedBusinessIdForm.test(text);
}
