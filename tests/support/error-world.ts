import { type AccessKey, type Caller, createCaller, evidenceKey, type Parameters } from "./aliyun.ts";
import { createNativeApi, type NativeApi } from "./native.ts";
import type { Bootstrap, RunningServer } from "./server.ts";

export const HISTORY_ROWS_MAX = 500;

/** Accounts, chains and records in the states that the documented refusals speak of. */
export interface ErrorWorld {
  readonly bootstrap: Bootstrap;
  readonly caller: Caller;
  readonly native: NativeApi;
  readonly channelId: string;
  readonly productKey: string;
  readonly bizChainId: string;
  /** A second chain of the same administrator, with a code and a data-type code of its own. */
  readonly secondChain: { readonly productKey: string; readonly dataTypeCode: string };
  /** An account that is on no chain while one of its RAM users is a member. */
  readonly memberAccount: AccessKey;
  readonly member: AccessKey;
  readonly stranger: AccessKey;
  readonly withoutService: AccessKey;
  readonly disabled: AccessKey;
  /** Keys on chain: one record, and more records than a history query without times may cover. */
  readonly existing: string;
  readonly longHistory: string;
  key(id: string): string;
  /** Parameters that would be accepted, for tests that break one of them. */
  write(changes?: Partial<Record<"Key" | "Value" | "ProductKey" | "BusinessId", string>>): Parameters;
  read(changes?: Readonly<Record<string, string>>): Parameters;
}

interface Made {
  readonly principal: { readonly uid: string };
  readonly accessKey: AccessKey;
}

async function make(native: NativeApi, path: string, body: object): Promise<unknown> {
  const answer = await native.send("POST", path, body);
  if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export async function createErrorWorld({ bootstrap }: RunningServer): Promise<ErrorWorld> {
  const native = createNativeApi(bootstrap);
  const caller = createCaller(bootstrap);
  const { productKey, bizChainId } = bootstrap.aliyun.proofChain;
  const account = async (name: string, options = {}) => (await make(native, "/accounts", { name, ...options })) as Made;
  const user = async (owner: Made, name: string) =>
    (await make(native, `/accounts/${owner.principal.uid}/users`, { name })) as Made;

  const second = (await make(native, "/chains", { name: "Second" })) as { bizChainCode: string; dataTypeCode: string };
  const memberAccount = await account("Carrier");
  const member = await user(memberAccount, "truck-7");
  await make(native, `/chains/${bizChainId}/members`, { memberUid: member.principal.uid });
  const disabled = await user(memberAccount, "truck-8");
  await native.send("PUT", `/access-keys/${disabled.accessKey.accessKeyId}`, { active: false });

  const existing = evidenceKey(bootstrap, "existing");
  const longHistory = evidenceKey(bootstrap, "long-history");
  await caller.call("SetData", { ProductKey: productKey, Key: existing, Value: "first" });
  for (let count = 0; count <= HISTORY_ROWS_MAX; count += 1) {
    const row = { ProductKey: productKey, Key: longHistory, Value: `row ${count}` };
    const { text, body } = await caller.call("AttachData", row);
    if (body["Code"] !== 200) throw new Error(text);
  }
  return {
    bootstrap,
    caller,
    native,
    channelId: await native.channelId(),
    productKey,
    bizChainId,
    secondChain: { productKey: second.bizChainCode, dataTypeCode: second.dataTypeCode },
    memberAccount: memberAccount.accessKey,
    member: member.accessKey,
    stranger: (await account("Stranger")).accessKey,
    withoutService: (await account("Visitor", { ledgerService: false })).accessKey,
    disabled: disabled.accessKey,
    existing,
    longHistory,
    key: (id) => evidenceKey(bootstrap, id),
    write: (changes = {}) => ({
      ProductKey: productKey,
      Key: evidenceKey(bootstrap, "fresh"),
      Value: "value",
      ...changes,
    }),
    read: (changes = {}) => ({ ProductKey: productKey, Key: existing, ...changes }),
  };
}

/** The Value of a batch call: a JSON array of keys and values. */
export function batch(items: readonly (readonly [key: string, value: string])[]): string {
  return JSON.stringify(items.map(([Key, Value]) => ({ Key, Value })));
}
