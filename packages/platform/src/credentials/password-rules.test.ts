import { systemRandom } from "@concordat/base";
import { expect, it } from "vitest";
import { PlatformError } from "../errors.ts";
import { randomPassword, requireGoodPassword } from "./password-rules.ts";

const codeFor = (password: string, userName = "truck-7") => {
  try {
    requireGoodPassword(password, userName);
    return "good";
  } catch (error) {
    return error instanceof PlatformError ? error.code : error;
  }
};

it.each([
  ["abcdefgh", "good"],
  ["correct horse battery", "good"],
  ["密码很长很长的密码句", "good"],
  ["🔐🔑🗝️🚪abcd", "good"],
  ["abcde".repeat(12), "good"],
  [`${"x".repeat(60)}abcd`, "good"],
  ["abcdefg", "PASSWORD_INVALID"],
  [`${"x".repeat(60)}abcde`, "PASSWORD_INVALID"],
  ["aaaabbbbccccdddd", "PASSWORD_INVALID"],
  ["abcd\tefgh", "PASSWORD_INVALID"],
  ["abcdefgh\u0000", "PASSWORD_INVALID"],
  ["abcdefg\ud800", "PASSWORD_INVALID"],
  ["my Truck-7 key", "PASSWORD_INVALID"],
])("%j is %s", (password, expected) => {
  expect(codeFor(password)).toBe(expected);
});

it("lets a short name occur by chance", () => {
  expect(codeFor("abcdefgh", "bcd")).toBe("good");
});

it("draws passwords that follow the rules, each another", () => {
  const drawn = new Set(Array.from({ length: 50 }, () => randomPassword("truck-7", systemRandom)));
  expect(drawn.size).toBe(50);
  for (const password of drawn) {
    expect(password).toMatch(/^[A-Za-z0-9]{20}$/);
    expect(codeFor(password)).toBe("good");
  }
});
