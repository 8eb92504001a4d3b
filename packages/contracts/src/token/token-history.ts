import { timestampToMs, toText } from "../stub-rows.ts";
import type { TokenVersionJson } from "./answers.ts";
import type { Call } from "./callers.ts";
import { rowKeys, type StoredToken } from "./rows.ts";
import { tokenToJson } from "./token-json.ts";

/** What the token's row has held, newest first. Tokens are never removed. */
export async function readTokenHistory({ unit, stub }: Call, tokenId: string): Promise<readonly TokenVersionJson[]> {
  const versions: TokenVersionJson[] = [];
  const iterator = await stub.getHistoryForKey(rowKeys.token(unit, tokenId));
  for (let entry = await iterator.next(); !entry.done; entry = await iterator.next()) {
    const { txId, timestamp, value } = entry.value;
    // Only the functions of tokens write the row.
    const token = JSON.parse(toText(value)) as StoredToken;
    const timeStamp = new Date(timestampToMs(timestamp)).toISOString();
    versions.push({ trxId: txId, timeStamp, value: tokenToJson(token) });
  }
  await iterator.close();
  return versions;
}
