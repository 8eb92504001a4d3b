import type { Handlers, OutputOf } from "@concordat/api-kit";
import type { Platform } from "@concordat/platform";
import { RequestRefusal } from "../errors.ts";
import type { receiptRoutes } from "../routes/receipts.ts";
import type { NativeContext } from "./context.ts";

type PlatformReceipt = Awaited<ReturnType<Platform["receipts"]["byTransaction"]>>;

export const receiptHandlers = {
  async getReceipt({ tx, envelope }, { platform, caller }) {
    return receiptToWire(
      await platform.receipts.byTransaction(caller.principal, tx, { withEnvelope: envelope === true }),
    );
  },
  async findReceipts({ chainCode, key, businessId, valueHash, envelope }, { platform, caller }) {
    const options = { withEnvelope: envelope === true };
    if (key !== undefined && valueHash === undefined) {
      const record = businessId === undefined ? { chainCode, key } : { chainCode, key, businessId };
      return { receipts: [receiptToWire(await platform.receipts.byKey(caller.principal, record, options))] };
    }
    if (valueHash !== undefined && key === undefined && businessId === undefined) {
      const found = await platform.receipts.byDigest(caller.principal, { chainCode, digest: valueHash }, options);
      return { receipts: found.map(receiptToWire) };
    }
    throw new RequestRefusal("FIELD_MALFORMED", "Give either key, with or without businessId, or valueHash.");
  },
  async getTrustBundle(_input, { platform, caller }) {
    const bundle = await platform.receipts.trustBundle(caller.principal);
    return {
      format: bundle.format,
      channels: bundle.channels.map((channel) => ({
        ...channel,
        organizations: channel.organizations.map((organization) => ({
          ...organization,
          caCertificates: [...organization.caCertificates],
          checkpointKeys: [...organization.checkpointKeys],
        })),
      })),
    };
  },
} satisfies Handlers<typeof receiptRoutes, NativeContext>;

export function receiptToWire(receipt: PlatformReceipt): OutputOf<(typeof receiptRoutes)["getReceipt"]> {
  const { inclusionPath, sm3InclusionPath, ...rest } = receipt;
  return {
    ...rest,
    inclusionPath: [...inclusionPath],
    ...(sm3InclusionPath === undefined ? {} : { sm3InclusionPath: [...sm3InclusionPath] }),
  };
}
