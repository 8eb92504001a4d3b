import { parseParameters, percentEncode } from "@concordat/api-kit";
import { describe, expect, it } from "vitest";
import { acs3CanonicalRequest, acs3StringToSign, bodyHashOf } from "../signing/acs3.ts";
import { rpcStringToSign } from "../signing/rpc.ts";
import { acs3Hmac, rpcHmac } from "../signing/secret-keys.ts";
import { parseTimestamp } from "../signing/timestamp.ts";
import { ACCOUNT, KEY_ID, KEY_SECRET } from "../testing/fake-platform.ts";

const ACCESS_KEY = { accessKeyId: KEY_ID, secret: KEY_SECRET, active: true, principal: ACCOUNT };

const DOCUMENT_SAMPLE =
  "ApiVersion=1.0.0&Action=SetData&Timestamp=2020-12-16T12%3A12%3A40Z&SignatureVersion=1.0&Format=JSON" +
  "&SignatureNonce=95689946-d65b-4e16-9f44-18e5ef73649816081207616281&Version=2019-05-10&AccessKeyId=testid" +
  "&Value=xxxxxxxxxxxxxxxx&SignatureMethod=HMAC-SHA1&RegionId=cn-shanghai" +
  "&Key=0001_u3RNZsjruFCsSGUV_4R98_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx&ProductKey=u3RNZE7B4skruGUV";

describe("signature version 1", () => {
  it.each([
    ["POST", "uRBKfaZRDGVu17EuuwQ4OJS5AC8="],
    ["GET", "1cJE35juqzifgOg/4H/x2++YxEE="],
  ])("gives the document's sample, section 4.2.4, for %s", (method, signature) => {
    expect(rpcHmac(ACCESS_KEY, rpcStringToSign(method, parseParameters(DOCUMENT_SAMPLE)))).toBe(signature);
  });

  it("leaves the signature itself out and does not mind the order of the parameters", () => {
    const shuffled = `Signature=abc&${DOCUMENT_SAMPLE.split("&").reverse().join("&")}`;
    const text = rpcStringToSign("POST", parseParameters(DOCUMENT_SAMPLE));
    expect(rpcStringToSign("POST", parseParameters(shuffled))).toBe(text);
  });

  it("encodes every character but the unreserved ones, twice in the string to sign", () => {
    const value = "a b*c~d'(e)!é+%&=/\u{1F600}";
    expect(percentEncode(value)).toBe("a%20b%2Ac~d%27%28e%29%21%C3%A9%2B%25%26%3D%2F%F0%9F%98%80");
    const text = rpcStringToSign("GET", parseParameters(`V=${percentEncode(value)}`));
    expect(text).toBe(`GET&%2F&${percentEncode(`V=${percentEncode(value)}`)}`);
  });
});

describe("ACS3 header signature", () => {
  it("gives the recorded vector of the official client", () => {
    const headers: Record<string, string> = {
      host: "127.0.0.1:8598",
      "x-acs-action": "SetData",
      "x-acs-content-sha256": bodyHashOf(new Uint8Array(0)),
      "x-acs-credentials-provider": "static_ak",
      "x-acs-date": "2026-11-22T11:01:28Z",
      "x-acs-signature-nonce": "9440a9ea1f39057162de6375cd0cf49c",
      "x-acs-version": "2019-05-10",
    };
    const canonical = acs3CanonicalRequest({
      method: "GET",
      path: "/",
      query: parseParameters("Key=k&Value=v%20x"),
      header: (name) => headers[name],
      signedHeaders: Object.keys(headers),
      bodyHash: headers["x-acs-content-sha256"] ?? "",
    });
    expect(acs3Hmac(ACCESS_KEY, acs3StringToSign(canonical))).toBe(
      "6d11ed43c6fa69324884eb3253bfdc6f9d9630355167acf2e3cf42eb49061b9a",
    );
  });
});

describe("timestamps", () => {
  it.each(["2020-12-16T12:12:40Z", "2024-02-29T23:59:59Z"])("reads %s", (text) => {
    expect(parseTimestamp(text)).toBe(Date.parse(text));
  });

  it.each([
    "2020-12-16T12:12:40.000Z",
    "2020-12-16 12:12:40",
    "2020-13-01T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "now",
    "",
  ])("refuses %j", (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});
