import type { Handlers } from "@concordat/api-kit";
import { deviceSignatureOf } from "../routes/device-signature.ts";
import type { evidenceRoutes } from "../routes/evidence.ts";
import type { signedEvidenceRoutes } from "../routes/signed-evidence.ts";
import type { LtlContext } from "./context.ts";

export const evidenceHandlers = {
  async SetData(input, { platform, caller, nonce }) {
    const { txIds } = await platform.evidence.set(caller, input, nonce);
    return { txIds: [...txIds] };
  },
  async AttachData(input, { platform, caller, nonce }) {
    const { txIds } = await platform.evidence.attach(caller, input, nonce);
    return { txIds: [...txIds] };
  },
  async SetDataWithSignature({ key, chainCode, value, ...signed }, { platform, caller, nonce }) {
    const device = deviceSignatureOf(signed);
    const { txIds } = await platform.evidence.set(caller, { key, chainCode, value, device }, nonce);
    return { txIds: [...txIds] };
  },
  async AttachDataWithSignature({ key, chainCode, value, businessId, ...signed }, { platform, caller, nonce }) {
    const input = { key, chainCode, value, device: deviceSignatureOf(signed) };
    const named = businessId === undefined ? input : { ...input, businessId };
    const { txIds } = await platform.evidence.attach(caller, named, nonce);
    return { txIds: [...txIds] };
  },
  async GetData(input, { platform, caller }) {
    return (await platform.evidence.get(caller, input)).value;
  },
  async GetBlockChainInfo(input, { platform, caller }) {
    const { record, chainName, organizationNames, block } = await platform.evidence.blockData(caller, input);
    return {
      chainName,
      blockHeight: block.number,
      transactionHash: record.txId,
      iotId: record.deviceId,
      endorsementNames: [...organizationNames],
      timestampMs: record.timestampMs,
      blockHash: block.headerHash,
      previousHash: block.previousHash,
      dataHash: block.dataHash,
    };
  },
} satisfies Handlers<typeof evidenceRoutes & typeof signedEvidenceRoutes, LtlContext>;
