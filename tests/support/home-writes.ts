import type { Ledger } from "@concordat/ledger";
import { common, ledger as messages, peer } from "@hyperledger/fabric-protos";
import type { HomeWrite } from "./contract-homes.ts";

const { rwset } = messages;

/** What a committed transaction has written under a contract's name, read by the official classes from the envelope on record. */
export async function committedWrites(
  ledger: Ledger,
  { channelId, txId, contract }: { readonly channelId: string; readonly txId: string; readonly contract: string },
): Promise<readonly HomeWrite[]> {
  const { envelope } = await ledger.envelope(channelId, txId);
  const results = rwset.TxReadWriteSet.deserializeBinary(actionOf(envelope).getResults_asU8());
  const namespaces = results.getNsRwsetList().filter((each) => each.getNamespace() === contract);
  const writes = namespaces.flatMap((each) =>
    rwset.kvrwset.KVRWSet.deserializeBinary(each.getRwset_asU8()).getWritesList(),
  );
  return sortWrites(
    writes.map((write) => ({
      key: write.getKey(),
      value: write.getIsDelete() ? null : Buffer.from(write.getValue_asU8()).toString("hex"),
    })),
  );
}

/** Ascending by UTF-8 bytes of the key. */
export function sortWrites(writes: readonly HomeWrite[]): readonly HomeWrite[] {
  return writes.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}

function actionOf(envelope: Uint8Array): peer.ChaincodeAction {
  const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope).getPayload_asU8());
  const [action, ...others] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  if (action === undefined || others.length > 0) throw new Error("A transaction has one action.");
  const endorsed = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8()).getAction();
  if (endorsed === undefined) throw new Error("Nothing is endorsed.");
  const response = peer.ProposalResponsePayload.deserializeBinary(endorsed.getProposalResponsePayload_asU8());
  return peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
}
