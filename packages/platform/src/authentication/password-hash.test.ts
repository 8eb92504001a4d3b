import { systemRandom } from "@concordat/base";
import { expect, it } from "vitest";
import { defaultPasswordCost, hashPassword, isPasswordOf, unmatchedHash } from "./password-hash.ts";

const cheap = { memory: 64, passes: 1, parallelism: 1 };
const random = systemRandom;

it("gives a PHC string of argon2id with a salt of its own, and knows its password again", async () => {
  const first = await hashPassword("correct horse", cheap, { random });
  const second = await hashPassword("correct horse", cheap, { random });
  expect(first).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(second).not.toBe(first);
  for (const phc of [first, second]) expect(await isPasswordOf(phc, "correct horse")).toBe(true);
  expect(await isPasswordOf(first, "correct horsf")).toBe(false);
  expect(await isPasswordOf(first, "")).toBe(false);
});

it("reads hashes of other programs and of other costs", async () => {
  // Of the reference program: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -e
  const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  expect(await isPasswordOf(reference, "password")).toBe(true);
  expect(await isPasswordOf(reference, "Password")).toBe(false);
});

it("takes one text in two Unicode forms for one password", async () => {
  const phc = await hashPassword("p\u00e4sswort", cheap, { random });
  expect(await isPasswordOf(phc, "pa\u0308sswort")).toBe(true);
});

it.each([
  "",
  "plain",
  "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
  "$argon2id$v=19$m=9999999,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
  "$argon2id$v=19$m=64,t=999,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
])("no password belongs to %j", async (phc) => {
  expect(await isPasswordOf(phc, "password")).toBe(false);
});

it("makes hashes for nobody at the cost of everybody's", () => {
  const { memory, passes, parallelism } = defaultPasswordCost;
  const phc = unmatchedHash(defaultPasswordCost, { random });
  expect(phc).toContain(`$m=${memory},t=${passes},p=${parallelism}$`);
  expect(unmatchedHash(defaultPasswordCost, { random })).not.toBe(phc);
});

it("costs what is advised or more", () => {
  expect(defaultPasswordCost.memory).toBeGreaterThanOrEqual(19 * 1024);
  expect(defaultPasswordCost.passes).toBeGreaterThanOrEqual(2);
});
