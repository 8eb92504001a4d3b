import { hash } from "node:crypto";
import { percentEncode } from "@concordat/api-kit";
import type { AccessKey } from "@concordat/platform";
import { AKSKSigner } from "@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACCOUNT } from "../../testing/fake-platform.ts";
import { signingVectors, VECTOR_ACCESS_KEY_ID, VECTOR_NOW_MS, VECTOR_SECRET } from "../testing/vectors.ts";
import { parseSdkAuthorization } from "./authorization.ts";
import { canonicalPath, canonicalRequest } from "./canonical-request.ts";
import { formatSdkDate, parseSdkDate, SDK_DATE_WINDOW_MS } from "./sdk-date.ts";
import { readHeaderLines, type SignedRequest } from "./signed-request.ts";
import { isSignatureFault, payloadHashOf, readSignature, signatureIsRight } from "./verify.ts";

const accessKey: AccessKey = {
  accessKeyId: VECTOR_ACCESS_KEY_ID,
  secret: VECTOR_SECRET,
  active: true,
  principal: ACCOUNT,
};

/** True, false, or what is wrong with the request. */
function verify(authorization: string, request: SignedRequest, unsignedPayload = false): boolean | string {
  const parsed = parseSdkAuthorization(authorization);
  if (typeof parsed === "string") return parsed;
  const signature = readSignature(parsed, request, VECTOR_NOW_MS);
  if (isSignatureFault(signature)) return signature.kind === "expired" ? "expired" : signature.detail;
  const payloadHash = payloadHashOf(parsed.algorithm, request, { unsignedPayload });
  if (typeof payloadHash !== "string") return payloadHash.kind === "expired" ? "expired" : payloadHash.detail;
  const canonical = canonicalRequest(request, signature.signedHeaders, payloadHash);
  return canonical === undefined ? "no canonical form" : signatureIsRight(signature, canonical, accessKey);
}

function withoutHeader(request: SignedRequest, name: string): SignedRequest {
  return { ...request, headers: new Map([...request.headers].filter(([header]) => header !== name)) };
}

describe.each(signingVectors)("$name", ({ request, authorization, canonicalHash }) => {
  it("verifies under SHA-256 and under SM3", () => {
    expect(verify(authorization.sha256, withoutHeader(request, "x-sdk-content-sm3"), true)).toBe(true);
    expect(verify(authorization.sm3, withoutHeader(request, "x-sdk-content-sha256"), true)).toBe(true);
  });

  it("does not verify with another secret or under the other algorithm's name", () => {
    const renamed = authorization.sha256.replace("SDK-HMAC-SHA256", "SDK-HMAC-SM3");
    expect(verify(renamed, withoutHeader(request, "x-sdk-content-sm3"), true)).not.toBe(true);
    const parsed = parseSdkAuthorization(authorization.sha256);
    if (typeof parsed === "string") throw new Error(parsed);
    const signature = { ...parsed, sdkDate: "20260102T030405Z" };
    expect(signatureIsRight(signature, "", { ...accessKey, secret: "another" })).toBe(false);
  });

  it("has the known canonical request", () => {
    const parsed = parseSdkAuthorization(authorization.sha256);
    if (typeof parsed === "string") throw new Error(parsed);
    const canonical = canonicalRequest(request, parsed.signedHeaders, hash("sha256", request.body, "hex")) ?? "";
    if (canonicalHash !== undefined) expect(hash("sha256", canonical, "hex")).toBe(canonicalHash);
  });
});

describe("the canonical path", () => {
  it.each([
    ["/", "/"],
    ["/v3/projects", "/v3/projects/"],
    ["/v3/projects/", "/v3/projects/"],
    ["//", "//"],
    ["/a!'()*b", "/a%21%27%28%29%2Ab/"],
    ["/%7e%7E~", "/~~~/"],
    ["/%e7%bb%84", "/%E7%BB%84/"],
    ["/a+b", "/a%2Bb/"],
    ["/100%2525", "/100%2525/"],
  ])("of %s is %s", (path, canonical) => expect(canonicalPath(path)).toBe(canonical));

  it.each(["", "a", "*", "/a%2fb", "/a%2Fb", "/%", "/%zz", "/%ff", "/%00", "/%0a", "/a b", "/\u00e7", "/a#b", "/a?b"])(
    "of %j is refused",
    (path) => expect(canonicalPath(path)).toBeUndefined(),
  );

  it("tells apart whatever decodes differently", () => {
    const segment = fc.string({ unit: "grapheme", maxLength: 8 }).filter((text) => !/[/\p{Cc}]/u.test(text));
    const path = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.map(percentEncode).join("/")}`);
    fc.assert(
      fc.property(path, path, (a, b) => {
        const without = (text: string) => text.replace(/\/$/, "");
        expect(canonicalPath(a) === canonicalPath(b)).toBe(
          without(decodeURIComponent(a)) === without(decodeURIComponent(b)),
        );
      }),
    );
  });
});

describe("whatever the Node signer signs", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).filter((value) => value.isWellFormed());
  const plain = fc.stringMatching(/^[A-Za-z0-9._~-]{1,12}$/);

  it("verifies, and no longer once its query is changed", () => {
    const query = fc.dictionary(plain, text, { maxKeys: 5 });
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 3 }), query, text, (segments, queryParams, value) => {
        const request = signedByNode(`/${segments.join("/")}`, queryParams, { value });
        expect(verify(request.authorization, request)).toBe(true);
        const changed = { ...request, target: `${request.target}${request.target.includes("?") ? "&" : "?"}zz=1` };
        expect(verify(request.authorization, changed)).toBe(false);
      }),
    );
  });

  it("verifies for paths beyond ASCII, which its HTTP client escapes", () => {
    const request = signedByNode("/v2/p/orgs/组织", {}, {});
    expect(verify(request.authorization, { ...request, target: encodeURI(request.target) })).toBe(true);
  });

  it("does not for paths that were escaped before: it escapes the percent sign again", () => {
    const request = signedByNode("/v2/p/orgs/u%20a", {}, {});
    expect(verify(request.authorization, request)).toBe(false);
  });
});

function signedByNode(path: string, queryParams: Record<string, string>, data: object) {
  const headers = { "content-type": "application/json", "X-Project-Id": "p", "X-Sdk-Date": "20260102T030405Z" };
  const call = { endpoint: `https://bcs.example.test:8443${path}`, method: "POST", headers, queryParams, data };
  const credential = { getAk: () => VECTOR_ACCESS_KEY_ID, getSk: () => VECTOR_SECRET };
  // The signer reads these members only; its own types ask for whole clients.
  const signed = AKSKSigner.sign(call as never, credential as never) as unknown as Record<string, string>;
  const { Authorization = "", ...sent } = signed;
  const lines = Object.entries(sent).flat();
  const search = new URLSearchParams(queryParams).toString();
  return {
    authorization: Authorization,
    method: "POST",
    target: search === "" ? path : `${path}?${search}`,
    headers: readHeaderLines(lines),
    body: Buffer.from(JSON.stringify(data)),
  };
}

describe("the authorization header", () => {
  const good = signingVectors[0]?.authorization.sha256 ?? "";

  it.each([
    ["", "malformed"],
    ["SDK-HMAC-SHA256", "malformed"],
    [good.replace("Access=", "Credential="), "malformed"],
    [good.replace(", Signature", " Signature"), "malformed"],
    [`${good}, Signature=00`, "malformed"],
    [good.replace("host;", "Host;"), "malformed"],
    [good.replace("SDK-HMAC-SHA256", "SDK-HMAC-SHA512"), "not supported"],
    [good.replace("SDK-HMAC-SHA256", "SDK-SM2-SM3"), "not supported"],
    [good.replace("content-type;host", "host;content-type"), "ascending"],
    [good.replace("host", "host;host"), "ascending"],
    [good.replace("host", ""), "ascending"],
  ])("%s is refused as %s", (header, reason) => expect(parseSdkAuthorization(header)).toContain(reason));

  it("may go without spaces after its commas", () => {
    expect(parseSdkAuthorization(good.replaceAll(", ", ","))).toEqual(parseSdkAuthorization(good));
  });
});

describe("the date", () => {
  it("is read back as it was written, to the second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (seconds) => {
        expect(parseSdkDate(formatSdkDate(seconds * 1000 + 999))).toBe(seconds * 1000);
      }),
    );
  });

  it.each(["", "20260102T030405", "2026-01-02T03:04:05Z", "20260230T030405Z", "20260102T250405Z", "00000000T000000Z"])(
    "%j is none",
    (date) => expect(parseSdkDate(date)).toBeUndefined(),
  );

  it("counts for 15 minutes before and after, and not a second longer", () => {
    const [vector] = signingVectors;
    const parsed = parseSdkAuthorization(vector?.authorization.sha256 ?? "");
    if (vector === undefined || typeof parsed === "string") throw new Error("The vector is malformed.");
    for (const [offset, counts] of [
      [SDK_DATE_WINDOW_MS, true],
      [-SDK_DATE_WINDOW_MS, true],
      [SDK_DATE_WINDOW_MS + 1000, false],
      [-SDK_DATE_WINDOW_MS - 1000, false],
    ] as const) {
      expect(isSignatureFault(readSignature(parsed, vector.request, VECTOR_NOW_MS + offset))).toBe(!counts);
    }
  });
});

describe("the body's digest", () => {
  const [, , , multipart] = signingVectors;

  it("may be left out where the operation takes a file, and nowhere else", () => {
    if (multipart === undefined) throw new Error("The vector is missing.");
    const request = withoutHeader(multipart.request, "x-sdk-content-sm3");
    expect(verify(multipart.authorization.sha256, request, true)).toBe(true);
    expect(verify(multipart.authorization.sha256, request, false)).toContain("must cover the body");
  });

  it("must be the body's own when it is named", () => {
    const body = Buffer.from("{}");
    const named = (value: string) =>
      payloadHashOf(
        { name: "SDK-HMAC-SHA256", digest: "sha256", contentHeader: "x-sdk-content-sha256" },
        { headers: readHeaderLines(["X-Sdk-Content-Sha256", value]), body },
        { unsignedPayload: true },
      );
    const right = hash("sha256", body, "hex");
    expect(named(right)).toBe(right);
    for (const wrong of [right.toUpperCase(), hash("sha256", "", "hex"), "", "unsigned-payload"]) {
      expect(named(wrong)).toMatchObject({ kind: "incomplete" });
    }
  });
});
