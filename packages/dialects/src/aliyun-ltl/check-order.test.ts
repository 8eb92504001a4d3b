import type { PlatformErrorCode } from "@concordat/platform";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { INACTIVE_KEY_ID, refuseWith } from "../testing/fake-platform.ts";
import {
  commonFields,
  createLtlHarness,
  encodeFields,
  exampleFields,
  type Fields,
  signFields,
} from "../testing/ltl-harness.ts";

/**
 * Every check of a call, in the order in which README.md lists them. Each case breaks one more thing than the case before it, from the last check
 * to the first: so each answer also shows that its check comes before all the ones already broken.
 */
const harness = createLtlHarness();
beforeAll(() => harness.server.ready());
afterAll(() => harness.server.close());

interface Sketch {
  fields: Record<string, string | undefined>;
  sign: boolean;
  method: "GET" | "PUT";
  prefix: string;
}

interface Fault {
  readonly name: string;
  readonly status: number;
  readonly code: string | number;
  readonly break: (sketch: Sketch) => void;
}

const set = (name: string, value: string | undefined) => (sketch: Sketch) => {
  sketch.fields[name] = value;
};

/** What an action's own checks answer: the last ones. */
interface Subject {
  readonly action: "AttachData" | "AttachDataWithSignature" | "CreateMember" | "AuthorizeDevice";
  readonly malformed: string;
  readonly missing: string;
  readonly refusal: PlatformErrorCode;
  readonly number: number;
}

const subjects: readonly Subject[] = [
  { action: "AttachData", malformed: "BusinessId", missing: "Value", refusal: "DATA_TYPE_UNKNOWN", number: -305 },
  {
    action: "AttachDataWithSignature",
    malformed: "BusinessId",
    missing: "IotSignature",
    refusal: "DEVICE_DIGEST_WRONG",
    number: -111,
  },
  {
    action: "CreateMember",
    malformed: "MemberName",
    missing: "MemberUid",
    refusal: "ACCOUNT_KIND_REFUSED",
    number: -104,
  },
  {
    action: "AuthorizeDevice",
    malformed: "DeviceGroupId",
    missing: "DeviceId",
    refusal: "SERVICE_NOT_OPENED",
    number: -339,
  },
];

/** From the last check to the first. */
const faultsOf = ({ malformed, missing, number }: Subject): readonly Fault[] => [
  { name: "the platform refuses", status: 200, code: number, break: () => undefined },
  { name: "a field is malformed", status: 400, code: `InvalidParameter.${malformed}`, break: set(malformed, "x") },
  { name: "a field is missing", status: 400, code: `Missing${missing}`, break: set(missing, undefined) },
  { name: "ApiVersion is wrong", status: 200, code: -113, break: set("ApiVersion", "2.0.0") },
  { name: "ApiVersion is missing", status: 400, code: "MissingApiVersion", break: set("ApiVersion", undefined) },
  { name: "the nonce is used", status: 400, code: "SignatureNonceUsed", break: set("SignatureNonce", "used") },
  {
    name: "the signature is wrong",
    status: 400,
    code: "SignatureDoesNotMatch",
    break: (sketch) => {
      sketch.sign = false;
      sketch.fields["Signature"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    },
  },
  {
    name: "the time is past",
    status: 400,
    code: "InvalidTimeStamp.Expired",
    break: set("Timestamp", "2020-12-16T11:57:39Z"),
  },
  { name: "the time is malformed", status: 400, code: "InvalidTimeStamp.Format", break: set("Timestamp", "yesterday") },
  {
    name: "the access key is disabled",
    status: 400,
    code: "InvalidAccessKeyId.Inactive",
    break: set("AccessKeyId", INACTIVE_KEY_ID),
  },
  {
    name: "the access key is unknown",
    status: 404,
    code: "InvalidAccessKeyId.NotFound",
    break: set("AccessKeyId", "nobody"),
  },
  {
    name: "the nonce is too long",
    status: 400,
    code: "InvalidParameter.SignatureNonce",
    break: set("SignatureNonce", "n".repeat(300)),
  },
  {
    name: "the signature version is wrong",
    status: 400,
    code: "InvalidParameter.SignatureVersion",
    break: set("SignatureVersion", "2.0"),
  },
  {
    name: "the signature method is wrong",
    status: 400,
    code: "InvalidParameter.SignatureMethod",
    break: set("SignatureMethod", "MD5"),
  },
  { name: "the action is unknown", status: 404, code: "InvalidAction.NotFound", break: set("Action", "DropData") },
  { name: "the version is unknown", status: 400, code: "InvalidVersion", break: set("Version", "2014-05-15") },
  { name: "the nonce is missing", status: 400, code: "IncompleteSignature", break: set("SignatureNonce", undefined) },
  {
    name: "the signature version is missing",
    status: 400,
    code: "IncompleteSignature",
    break: set("SignatureVersion", undefined),
  },
  {
    name: "the signature method is missing",
    status: 400,
    code: "IncompleteSignature",
    break: set("SignatureMethod", undefined),
  },
  { name: "the signature is missing", status: 400, code: "IncompleteSignature", break: set("Signature", undefined) },
  { name: "the time is missing", status: 400, code: "MissingTimestamp", break: set("Timestamp", undefined) },
  { name: "the access key is missing", status: 400, code: "MissingAccessKeyId", break: set("AccessKeyId", "") },
  { name: "the action is missing", status: 400, code: "MissingAction", break: set("Action", undefined) },
  { name: "the version is missing", status: 400, code: "MissingVersion", break: set("Version", undefined) },
  { name: "the format is unknown", status: 400, code: "InvalidParameter.Format", break: set("Format", "YAML") },
  {
    name: "a parameter is given twice",
    status: 400,
    code: "InvalidParameter.Key",
    break: (sketch) => {
      sketch.prefix = "Key=a&Key=b&";
    },
  },
  {
    name: "an escape is broken",
    status: 400,
    code: "InvalidParameter.Key",
    break: (sketch) => {
      sketch.prefix = "Key=%zz&";
    },
  },
  {
    name: "the method is no GET or POST",
    status: 400,
    code: "UnsupportedHTTPMethod",
    break: (sketch) => {
      sketch.method = "PUT";
    },
  },
];

describe.each(subjects)("checks of $action and their order", (subject) => {
  const faults = faultsOf(subject);

  beforeEach(async () => {
    await harness.platform.nonces.take({
      accessKeyId: "testid",
      nonce: "used",
      mutating: true,
      principal: harness.platform.findAccessKey("testid")?.principal ?? expect.fail("the test's access key is gone"),
    });
  });

  it.each(faults.map((fault, index) => ({ ...fault, index })))("$name: $code", async ({ index, status, code }) => {
    const sketch: Sketch = {
      fields: {
        ...commonFields(subject.action),
        ...exampleFields(subject.action),
      },
      sign: true,
      method: "GET",
      prefix: "",
    };
    for (const fault of faults.slice(0, index + 1)) fault.break(sketch);
    if (sketch.prefix !== "") delete sketch.fields["Key"];
    const entries = Object.entries(sketch.fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const fields: Fields = Object.fromEntries(entries);
    harness.platform.fail(refuseWith(subject.refusal));
    const url = `/?${sketch.prefix}${encodeFields(sketch.sign ? signFields("GET", fields) : fields)}`;
    const response = await harness.server.inject({ method: sketch.method, url });
    const body = response.json();
    expect([response.statusCode, body.Code]).toEqual([status, code]);
    expect(response.headers["x-acs-request-id"]).toBe(body.RequestId);
    if (status === 200) expect(body.Success).toBe(false);
    else expect(Object.keys(body)).toEqual(["Recommend", "Message", "RequestId", "HostId", "Code"]);
    expect(response.body).not.toContain("testsecret");
  });
});

it("takes the nonce of a call only when its signature holds", async () => {
  const fields = { ...commonFields("ListProofChain"), Num: "1", Size: "1" };
  const forged = { ...fields, Signature: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
  const url = (all: Fields) => `/?${encodeFields(all)}`;
  expect((await harness.server.inject(url(forged))).json().Code).toBe("SignatureDoesNotMatch");
  const good = url(signFields("GET", fields));
  harness.platform.fail(refuseWith("SERVICE_NOT_OPENED"));
  expect((await harness.server.inject(good)).json().Code).toBe(-339);
  expect((await harness.server.inject(good)).json().Code).toBe("SignatureNonceUsed");
});

describe("a wrong signature", () => {
  it("quotes the server's string to sign, with the method really used", async () => {
    const fields = { ...commonFields("ListProofChain"), Num: "1", Size: "1" };
    const signedForPost = signFields("POST", fields);
    const { Message } = (await harness.server.inject(`/?${encodeFields(signedForPost)}`)).json();
    const [, quoted] = String(Message).split("server string to sign is:");
    expect(quoted).toMatch(/^GET&%2F&AccessKeyId%3Dtestid%26Action%3DListProofChain%26/);
    expect(quoted).not.toContain("Signature%3D");
  });
});
