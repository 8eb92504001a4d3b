import { argon2, timingSafeEqual } from "node:crypto";
import type { RandomSource } from "@concordat/base";

/** Cost of one hash. Memory is in KiB. */
export interface PasswordCost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** 19 MiB and two passes on one lane: about 40 ms of one core of the reference machine. @source RFC 9106; OWASP's smallest advised cost */
export const defaultPasswordCost: PasswordCost = { memory: 19_456, passes: 2, parallelism: 1 };

const SALT_BYTES = 16;
const TAG_BYTES = 32;
/** Above these a hash in the store is not one of ours: computing it could exhaust the machine. */
const costMax: PasswordCost = { memory: 262_144, passes: 16, parallelism: 8 };

/** The PHC string of a new hash: `$argon2id$v=19$m=..,t=..,p=..$salt$tag`, base64 without padding. */
export async function hashPassword(
  password: string,
  cost: PasswordCost,
  { random }: { readonly random: RandomSource },
): Promise<string> {
  const salt = random.bytes(SALT_BYTES);
  const tag = await derive(password, salt, cost, TAG_BYTES);
  const { memory, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Whether the password gives this hash; false for a hash that is not of the form. */
export async function isPasswordOf(phc: string, password: string): Promise<boolean> {
  const parsed = parsePhc(phc);
  if (parsed === undefined) return false;
  const tag = await derive(password, parsed.salt, parsed.cost, parsed.tag.length);
  return timingSafeEqual(tag, parsed.tag);
}

/** A hash that takes the same work as those of users and that no password gives: for users that do not exist. */
export function unmatchedHash(cost: PasswordCost, { random }: { readonly random: RandomSource }): string {
  const { memory, passes, parallelism } = cost;
  const salt = unpadded(random.bytes(SALT_BYTES));
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${salt}$${unpadded(random.bytes(TAG_BYTES))}`;
}

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

function parsePhc(phc: string) {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(phc) ?? [];
  if (salt === undefined || tag === undefined) return undefined;
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const isTooCostly =
    cost.memory > costMax.memory || cost.passes > costMax.passes || cost.parallelism > costMax.parallelism;
  if (isTooCostly) return undefined;
  return { cost, salt: Buffer.from(salt, "base64"), tag: Buffer.from(tag, "base64") };
}

/** In a thread of the pool. The same text in another Unicode form is the same password. */
function derive(password: string, nonce: Uint8Array, cost: PasswordCost, tagLength: number): Promise<Uint8Array> {
  const message = Buffer.from(password.normalize("NFC"), "utf8");
  return new Promise((resolve, reject) => {
    argon2("argon2id", { message, nonce, tagLength, ...cost }, (error, tag) => {
      if (error === null) resolve(tag);
      else reject(error);
    });
  });
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
