import type { Handlers } from "@concordat/api-kit";
import type { Policy, PolicyStatement } from "@concordat/platform";
import type { policyRoutes } from "../routes/policies.ts";
import type { NativeContext } from "./context.ts";
import { paged } from "./paging.ts";

export const policyHandlers = {
  async createPolicy(input, { platform, caller }) {
    return toWire(await platform.tenancy.policies.create(caller, input));
  },
  async listPolicies(input, { platform, caller }) {
    const { total, items } = await platform.tenancy.policies.list(caller, paged(input));
    return { total, policies: items.map(toWire) };
  },
  async getPolicy({ policyId }, { platform, caller }) {
    return toWire(await platform.tenancy.policies.get(caller, policyId));
  },
  async updatePolicy(input, { platform, caller }) {
    return toWire(await platform.tenancy.policies.update(caller, input));
  },
  async deletePolicy({ policyId }, { platform, caller }) {
    await platform.tenancy.policies.delete(caller, policyId);
    return {};
  },
} satisfies Handlers<typeof policyRoutes, NativeContext>;

function toWire({ document, ...policy }: Policy) {
  return { ...policy, document: { Version: document.Version, Statement: document.Statement.map(statementToWire) } };
}

function statementToWire({ Effect, Action, Resource, Condition }: PolicyStatement) {
  return {
    Effect,
    Action: [...Action],
    ...(Resource === undefined ? {} : { Resource: [...Resource] }),
    ...(Condition === undefined ? {} : { Condition: conditionToWire(Condition) }),
  };
}

function conditionToWire(condition: NonNullable<PolicyStatement["Condition"]>) {
  const operators = Object.entries(condition).map(([operator, keys]): [string, Record<string, string[]>] => {
    const values = Object.entries(keys).map(([key, texts]): [string, string[]] => [key, [...texts]]);
    return [operator, Object.fromEntries(values)];
  });
  return Object.fromEntries(operators);
}
