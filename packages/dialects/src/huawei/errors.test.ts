import { PlatformError } from "@concordat/platform";
import { describe, expect, it } from "vitest";
import { iamPlatformErrors, refusalOf } from "./errors.ts";

describe("what the platform throws", () => {
  it.each([
    ["CREDENTIALS_SLOWED", 401, "IAM.0061"],
    ["ACCESS_DENIED", 403, "IAM.0002"],
    ["PROJECT_UNKNOWN", 404, "IAM.0004"],
    ["NAME_EXISTS", 409, "IAM.0005"],
    ["NAME_INVALID", 400, "IAM.0007"],
    ["OVERLOADED", 429, "APIGW.0308"],
    ["STORE_UNAVAILABLE", 503, "IAM.0006"],
    ["HOME_ELSEWHERE", 503, "IAM.0006"],
  ] as const)("%s becomes %i %s", (code, status, wire) => {
    expect(refusalOf(new PlatformError(code)).answer).toEqual({ status, code: wire });
  });

  it("is logged where it is no caller's fault, and nowhere else", () => {
    for (const code of Object.keys(iamPlatformErrors) as (keyof typeof iamPlatformErrors)[]) {
      expect(refusalOf(new PlatformError(code)).logged).toBe(iamPlatformErrors[code].status >= 500);
    }
  });

  it("says nothing of itself when it is unknown", () => {
    const refusal = refusalOf(new Error("canary"));
    expect(refusal).toMatchObject({ answer: { status: 500, code: "IAM.0006" }, logged: true });
    expect(refusal.message).not.toContain("canary");
  });

  it("is the gateway's when the HTTP server refused the request", () => {
    const error = Object.assign(new Error("canary"), { statusCode: 415 });
    expect(refusalOf(error)).toMatchObject({ answer: { status: 400, code: "APIGW.0201" }, logged: false });
  });
});
