/**
 * The ledger as a library, without any server: a channel of one organization, one record, its receipt, and the
 * receipt checked with nothing but the trust bundle.
 *
 *     npm run example:embedded
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, systemRandom } from "@concordat/base";
import { evidenceContract } from "@concordat/contracts";
import { createOrganization, issuePrincipalCertificate } from "@concordat/identity";
import { type ChannelConfig, openLedger, originOf } from "@concordat/ledger";
import { verifyReceipt } from "@concordat/verifier";

const installationId = "00112233445566ff";
const channelId = "cold-chain";
const dependencies = { clock: systemClock, random: systemRandom };

// An organization has a CA for its members' certificates and a key that signs checkpoints.
const { identity, privateKeys } = await createOrganization({ name: "Example Foods", mspId: "FoodsMSP" }, dependencies);
const truck = await issuePrincipalCertificate(
  { certificatePem: identity.caCertificatePem, privateKeyDer: privateKeys.ca },
  { uid: "truck-7", attributes: { tenant: "foods", principal: "truck-7" } },
  dependencies,
);

const config: ChannelConfig = {
  channelId,
  origin: originOf(installationId, channelId),
  displayName: "Cold chain",
  organizations: [
    {
      mspId: identity.mspId,
      displayName: identity.name,
      caCertificates: [identity.caCertificatePem],
      checkpointKeys: [identity.checkpointKey],
    },
  ],
  blockCutting: { messageCountMax: 500, bytesMax: 2_000_000, timeoutMs: 2_000, cutWhenIdle: true },
  stateDatabase: "goleveldb",
  cryptography: "international",
  recordRefusals: false,
  contracts: [evidenceContract.name],
};

const directory = await mkdtemp(join(tmpdir(), "concordat-example-"));
try {
  const ledger = await openLedger({ directory, installationId, contracts: [evidenceContract] });
  await ledger.createChannel(config, [{ mspId: identity.mspId, privateKeyDer: privateKeys.checkpoint }]);

  const written = await ledger.submit({
    channelId,
    creator: { mspId: identity.mspId, certificatePem: truck.certificatePem },
    contract: evidenceContract.name,
    fn: "set",
    args: ["0001_HB5jyvZWzwcMFSFg_0X58_load-1", "temperature 3.5 C"],
  });
  console.log(`on disk in block ${written.block} as transaction ${written.txId}`);

  const receipt = await ledger.receipt(channelId, written.txId, { withEnvelope: true });
  const trust = { format: "concordat-trust/1", channels: [await ledger.trust(channelId)] };
  await ledger.close();

  // The ledger is closed: what follows needs the receipt and the trust bundle only.
  const { status, facts } = verifyReceipt(receipt, trust);
  console.log(`the receipt is ${status}, signed by ${facts?.signedBy.join(", ")}`);
  const forged = { ...receipt, leaf: { ...receipt.leaf, index: receipt.leaf.index + 1 } };
  console.log(`a changed one is ${verifyReceipt(forged, trust).status}`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
