import { expect, it } from "vitest";
import { PlatformError } from "../errors.ts";
import { compileCondition } from "./policy-conditions.ts";
import { parsePolicyDocument } from "./policy-document.ts";
import { systemPolicies } from "./system-policies.ts";

const statement = { Effect: "Allow", Action: ["bcs:fabricInstance:get*"] };
const documentOf = (...statements: readonly object[]) => ({ Version: "1.1", Statement: statements });
const withCondition = (Condition: unknown) => documentOf({ ...statement, Condition });

function faultOf(document: unknown): unknown {
  try {
    return { accepted: parsePolicyDocument(document) };
  } catch (error) {
    return error instanceof PlatformError && error.code === "POLICY_INVALID" ? error.facts["place"] : error;
  }
}

it("takes the documents' form as it is", () => {
  const document = documentOf(
    { ...statement, Resource: ["bcs:*:*:instance:abc", "*:*:*:*:*", "iam:cn-north-4:0a*:user:*"] },
    { Effect: "Deny", Action: ["bcs:*:*", "vpc:vpcs:list"] },
    {
      ...statement,
      Condition: { StringEquals: { "g:UserName": ["a", "b"] }, IpAddress: { "g:SourceIp": ["::1", "10.0.0.0/8"] } },
    },
  );
  expect(parsePolicyDocument(document)).toEqual(document);
  for (const policy of systemPolicies) expect(parsePolicyDocument(policy.document)).toEqual(policy.document);
});

it.each([
  ["", null],
  ["", []],
  ["", "{}"],
  ["", documentOf({ ...statement, Action: Array(100).fill(`bcs:${"a".repeat(60)}:get`) })],
  ["Version", { Statement: [statement] }],
  ["Version", { Version: "1.0", Statement: [statement] }],
  ["Statement", { Version: "1.1" }],
  ["Statement", documentOf()],
  ["Statement", documentOf(...Array(9).fill(statement))],
  ["Depends", { ...documentOf(statement), Depends: [] }],
  ["Statement[0]", documentOf([])],
  ["Statement[1].Effect", documentOf(statement, { Action: ["bcs:a:b"] })],
  ["Statement[0].Effect", documentOf({ ...statement, Effect: "allow" })],
  ["Statement[0].NotAction", documentOf({ ...statement, NotAction: ["bcs:a:b"] })],
  ["Statement[0].Action", documentOf({ ...statement, Action: "bcs:*:*" })],
  ["Statement[0].Action", documentOf({ ...statement, Action: [] })],
  ["Statement[0].Action[0]", documentOf({ ...statement, Action: [7] })],
  ["Statement[0].Action[0]", documentOf({ ...statement, Action: ["*"] })],
  ["Statement[0].Action[0]", documentOf({ ...statement, Action: ["*:*:*"] })],
  ["Statement[0].Action[1]", documentOf({ ...statement, Action: ["bcs:a:b", "bcs:fabricInstance:list Quota"] })],
  ["Statement[0].Action[0]", documentOf({ ...statement, Action: ["bcs:fabricInstance"] })],
  ["Statement[0].Resource[0]", documentOf({ ...statement, Resource: ["*"] })],
  ["Statement[0].Resource[0]", documentOf({ ...statement, Resource: ["bcs:*:*:volcano:x"] })],
  ["Statement[0].Resource[0]", documentOf({ ...statement, Resource: ["bcs:*:*:*:x"] })],
  ["Statement[0].Resource[0]", documentOf({ ...statement, Resource: ["obs:*:*:bucket:x"] })],
  ["Statement[0].Condition", withCondition([])],
  ["Statement[0].Condition", withCondition({})],
  ["Statement[0].Condition", withCondition({ Bool: { "g:MFAPresent": ["true"] } })],
  ["Statement[0].Condition", withCondition({ toString: { "g:UserName": ["a"] } })],
  ["Statement[0].Condition.StringEquals", withCondition({ StringEquals: { "g:MFAAge": ["1"] } })],
  ["Statement[0].Condition.StringEquals", withCondition({ StringEquals: { "g:SourceIp": ["10.0.0.1"] } })],
  ["Statement[0].Condition.StringEquals.g:UserName", withCondition({ StringEquals: { "g:UserName": "a" } })],
  ["Statement[0].Condition.StringEquals.g:UserName[0]", withCondition({ StringEquals: { "g:UserName": [""] } })],
  [
    "Statement[0].Condition.DateLessThan.g:CurrentTime[0]",
    withCondition({ DateLessThan: { "g:CurrentTime": ["2026-13-01T00:00:00Z"] } }),
  ],
  [
    "Statement[0].Condition.IpAddress.g:SourceIp[1]",
    withCondition({ IpAddress: { "g:SourceIp": ["10.0.0.1", "10.0.0.0/33"] } }),
  ],
  ["Statement[0].Condition.IpAddress.g:SourceIp[0]", withCondition({ IpAddress: { "g:SourceIp": ["ten"] } })],
])("names the place of a fault: %s", (place, document) => {
  expect(faultOf(document)).toBe(place);
});

const context = {
  nowMs: Date.UTC(2026, 0, 1, 12),
  sourceAddress: "192.0.2.7",
  userName: "alice",
  userId: "id",
  domainName: "acme",
  projectName: "cn-north-4",
} as const;

it.each([
  [{ StringEquals: { "g:UserName": ["bob", "alice"] } }, true],
  [{ StringEquals: { "g:UserName": ["Alice"] } }, false],
  [{ StringNotEquals: { "g:UserName": ["bob", "alice"] } }, false],
  [{ StringNotEquals: { "g:UserId": ["other"] } }, true],
  [{ StringStartWith: { "g:DomainName": ["ac"] } }, true],
  [{ StringEndWith: { "g:DomainName": ["ac"] } }, false],
  [{ StringLike: { "g:ProjectName": ["cn-*-4"] } }, true],
  [{ DateLessThan: { "g:CurrentTime": ["2026-01-01T12:00:01Z"] } }, true],
  [{ DateGreaterThan: { "g:CurrentTime": ["2026-01-01T12:00:00Z"] } }, false],
  [{ IpAddress: { "g:SourceIp": ["192.0.2.0/24"] } }, true],
  [{ NotIpAddress: { "g:SourceIp": ["192.0.2.0/24"] } }, false],
  [{ NotIpAddress: { "g:SourceIp": ["2001:db8::/32"] } }, true],
  [{ StringEquals: { "g:UserName": ["alice"], "g:DomainName": ["other"] } }, false],
  [{ StringEquals: { "g:UserName": ["alice"] }, IpAddress: { "g:SourceIp": ["10.0.0.0/8"] } }, false],
])("%j holds: %s", (condition, expected) => {
  expect(compileCondition(condition)(context)).toBe(expected);
});

it("tells what is not known from what is not so", () => {
  const byAddress = compileCondition({ NotIpAddress: { "g:SourceIp": ["10.0.0.0/8"] } });
  expect(byAddress({ ...context, sourceAddress: undefined })).toBeUndefined();
  const byProject = compileCondition({ StringEquals: { "g:ProjectName": ["cn-north-4"] } });
  expect(byProject({ ...context, projectName: null })).toBe(false);
  const both = compileCondition({ IpAddress: { "g:SourceIp": ["::/0"] }, StringEquals: { "g:UserName": ["bob"] } });
  expect(both({ ...context, sourceAddress: undefined })).toBe(false);
});
