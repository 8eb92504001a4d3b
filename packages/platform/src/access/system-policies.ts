import { type CompiledPolicy, compilePolicy } from "./compiled-policy.ts";
import { type PolicyDocument, parsePolicyDocument } from "./policy-document.ts";

/** A policy that is part of the program: the same in every tenant, never changed or removed. Its name is its id. */
export interface SystemPolicy {
  readonly name: string;
  readonly description: string;
  readonly document: PolicyDocument;
}

function allowing(name: string, description: string, actions: readonly string[]): SystemPolicy {
  const document = parsePolicyDocument({ Version: "1.1", Statement: [{ Effect: "Allow", Action: actions }] });
  return { name, description, document };
}

/** Reading is what the documents' verbs `get` and `list` say, and what comes without a key or a trace beside them. */
const reading = (types: string, ...further: readonly string[]) => [`${types}:get*`, `${types}:list*`, ...further];

/**
 * The first pair has the document's names; that of the blockchain engine is named after it with its own actions' prefix, because its
 * document names none. Reading leaves out whatever hands private keys out (certificates, client configurations, secrets of messages).
 * @source Huawei BCS document, sections 1.6.1 (names), 1.6.2 and 2.6.2 (actions)
 */
export const systemPolicies: readonly SystemPolicy[] = [
  allowing("BCS Fabric FullAccess", "Everything on Fabric instances.", ["bcs:fabric*:*"]),
  allowing("BCS Fabric ReadOnlyAccess", "Looking at Fabric instances.", reading("bcs:fabric*")),
  allowing("BCS HuaweiCloudChain FullAccess", "Everything on blockchain-engine instances.", [
    "bcs:huaweiCloudChain*:*",
  ]),
  allowing(
    "BCS HuaweiCloudChain ReadOnlyAccess",
    "Looking at blockchain-engine instances, prices and contract reports.",
    reading("bcs:huaweiCloudChain*", "bcs:huaweiCloudChain*:inquire", "bcs:huaweiCloudChainContract:downloadReport"),
  ),
  allowing("Concordat Administrator", "Everything that administers the tenant.", [
    "iam:*:*",
    "network:*:*",
    "pki:*:*",
    "platform:*:*",
  ]),
  allowing("Concordat Auditor", "Looking at what administers the tenant.", [
    ...reading("iam:*"),
    ...reading("network:*"),
    ...reading("pki:*"),
    ...reading("platform:*"),
  ]),
];

const compiled = new Map(systemPolicies.map(({ name, document }) => [name, compilePolicy(document)]));

export function systemPolicy(name: string): SystemPolicy | undefined {
  return systemPolicies.find((policy) => policy.name === name);
}

export function compiledSystemPolicy(name: string): CompiledPolicy | undefined {
  return compiled.get(name);
}
