import { NameInvalidError } from "./errors.ts";

const CHANNEL_ID = /^[a-z][a-z0-9.-]*$/;
const CHANNEL_ID_LENGTH_MAX = 249;
const MSP_ID = /^[A-Za-z][A-Za-z0-9.-]*$/;
const MSP_ID_LENGTH_MAX = 64;
/** Fabric's rule for chaincode names. */
const CONTRACT_NAME = /^[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/;
const CONTRACT_NAME_LENGTH_MAX = 64;
const ORIGIN = /^concordat\/[0-9a-f]{16}\/(.+)$/s;

/** @throws NameInvalidError */
export function assertChannelId(name: string): void {
  if (name.length > CHANNEL_ID_LENGTH_MAX || !CHANNEL_ID.test(name)) {
    throw new NameInvalidError(
      "channel id",
      "a lower-case letter, then lower-case letters, digits, dots and dashes, at most 249 in all",
    );
  }
}

export function isMspId(name: string): boolean {
  return name.length <= MSP_ID_LENGTH_MAX && MSP_ID.test(name);
}

/** @throws NameInvalidError */
export function assertMspId(name: string): void {
  if (!isMspId(name)) {
    throw new NameInvalidError("MSP id", "a letter, then letters, digits, dots and dashes, at most 64 in all");
  }
}

export function isContractName(name: string): boolean {
  return name.length <= CONTRACT_NAME_LENGTH_MAX && CONTRACT_NAME.test(name);
}

/** @throws NameInvalidError */
export function assertContractName(name: string): void {
  if (!isContractName(name)) {
    throw new NameInvalidError(
      "contract name",
      "letters and digits, in groups joined by single dashes or underscores, at most 64 in all",
    );
  }
}

/** @throws NameInvalidError */
export function assertKey(key: string): void {
  if (key.length === 0 || !key.isWellFormed()) {
    throw new NameInvalidError("state key", "text of at least one character without lone surrogates");
  }
}

/**
 * The channel that an origin (`concordat/<installation id>/<channel id>`) names.
 * @throws NameInvalidError
 */
export function channelIdOfOrigin(origin: string): string {
  const channelId = ORIGIN.exec(origin)?.[1];
  if (channelId === undefined) {
    throw new NameInvalidError("origin", "concordat/<16 hex digits>/<channel id>");
  }
  assertChannelId(channelId);
  return channelId;
}

/**
 * Order of keys by their UTF-8 bytes, as Fabric sorts them. JavaScript's own order differs where a surrogate pair meets a
 * character from U+E000 to U+FFFF.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Code units in the order of the code points they begin: surrogates stand for the highest ones. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
