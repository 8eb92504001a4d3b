import { ALPHANUMERIC, type RandomSource, randomText } from "@concordat/base";
import { PlatformError } from "../errors.ts";

const CHARACTERS_MIN = 8;
const CHARACTERS_MAX = 64;
const DISTINCT_MIN = 5;
/** Shorter names occur in words by chance. */
const NAME_CHARACTERS_MIN = 4;
/** About 119 bits. */
const RANDOM_CHARACTERS = 20;

/**
 * The rules for passwords that people choose: 8 to 64 characters of any script, spaces too, no control characters; at least 5 different
 * ones; a user's name of 4 characters and more not in it. Length is asked for rather than kinds of characters. @source NIST SP 800-63B, section 5.1.1.2
 * @throws PlatformError PASSWORD_INVALID
 */
export function requireGoodPassword(password: string, userName: string): void {
  const rule = brokenRule(password.normalize("NFC"), userName.normalize("NFC"));
  if (rule !== undefined) throw new PlatformError("PASSWORD_INVALID", `The password must ${rule}.`);
}

function brokenRule(password: string, userName: string): string | undefined {
  const characters = [...password];
  if (characters.length < CHARACTERS_MIN || characters.length > CHARACTERS_MAX) {
    return `have ${CHARACTERS_MIN} to ${CHARACTERS_MAX} characters`;
  }
  if (!password.isWellFormed() || /\p{Cc}/u.test(password)) return "have no control characters";
  if (new Set(characters).size < DISTINCT_MIN) return `have at least ${DISTINCT_MIN} different characters`;
  const isTellingName = userName.length >= NAME_CHARACTERS_MIN;
  if (isTellingName && password.toLowerCase().includes(userName.toLowerCase())) return "not contain the user's name";
  return undefined;
}

/** One that follows the rules for every user that it could belong to. */
export function randomPassword(userName: string, random: RandomSource): string {
  for (;;) {
    const password = randomText(random, ALPHANUMERIC, RANDOM_CHARACTERS);
    if (brokenRule(password, userName) === undefined) return password;
  }
}
