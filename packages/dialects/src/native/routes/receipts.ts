import { asJson, type Static, Type, trueOrFalse } from "@concordat/api-kit";
import {
  BASE,
  chainCode,
  EXAMPLE_CHECKPOINT,
  EXAMPLE_ORIGIN,
  EXAMPLE_TX,
  evidenceKey,
  GET,
  hex64,
  inPath,
  inQuery,
  operation,
  SOURCE,
} from "./common.ts";

export const envelope = Type.Optional(
  Type.Boolean({ description: "Puts the transaction's envelope into the receipt." }),
);

/** docs/reference/ledger-format.md section 7. */
export const receipt = Type.Object({
  format: Type.Literal("concordat-receipt/1"),
  origin: Type.String(),
  leaf: Type.Object({
    kind: Type.Union([Type.Literal(0), Type.Literal(1), Type.Literal(2)]),
    validationCode: Type.Integer(),
    block: Type.Integer(),
    index: Type.Integer(),
    envelopeSha256: Type.String(),
    txId: Type.String(),
  }),
  leafIndex: Type.Integer(),
  inclusionPath: Type.Array(Type.String()),
  sm3InclusionPath: Type.Optional(Type.Array(Type.String())),
  checkpoint: Type.String(),
  envelope: Type.Optional(Type.String()),
});

export const exampleReceipt = {
  format: "concordat-receipt/1" as const,
  origin: EXAMPLE_ORIGIN,
  leaf: { kind: 1 as const, validationCode: 0, block: 12, index: 3, envelopeSha256: EXAMPLE_TX, txId: EXAMPLE_TX },
  leafIndex: 41,
  inclusionPath: ["bG9va3MgbGlrZSBhIG5vZGU="],
  checkpoint: EXAMPLE_CHECKPOINT,
};

/** docs/reference/ledger-format.md section 8. */
const trustBundle = Type.Object({
  format: Type.Literal("concordat-trust/1"),
  channels: Type.Array(
    Type.Object({
      origin: Type.String(),
      displayName: Type.String(),
      organizations: Type.Array(
        Type.Object({
          mspId: Type.String(),
          displayName: Type.String(),
          caCertificates: Type.Array(Type.String()),
          checkpointKeys: Type.Array(
            Type.Object({
              algorithm: Type.Union([Type.Literal("Ed25519"), Type.Literal("SM2")]),
              publicKey: Type.String(),
              certificate: Type.String(),
              fromBlock: Type.Integer(),
              toBlock: Type.Union([Type.Integer(), Type.Null()]),
            }),
          ),
        }),
      ),
    }),
  ),
});

export const receiptRoutes = {
  getReceipt: operation({
    id: "native:getReceipt",
    summary: "The receipt of a transaction.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/receipts/{tx}`,
    permission: "ltl:receipt:read",
    mutating: false,
    input: Type.Object({ tx: hex64, envelope }),
    wire: { tx: inPath("tx"), envelope: inQuery("envelope", trueOrFalse) },
    output: receipt,
    errors: ["TRANSACTION_UNKNOWN", "ACCESS_DENIED"],
    example: { input: { tx: EXAMPLE_TX }, output: exampleReceipt },
  }),
  findReceipts: operation({
    id: "native:findReceipts",
    summary:
      "The receipt of a key's record, or those of all records with a value's digest. Give one of key and valueHash.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/receipts`,
    permission: "ltl:receipt:read",
    mutating: false,
    input: Type.Object({
      chainCode,
      key: Type.Optional(evidenceKey),
      businessId: Type.Optional(
        Type.String({
          pattern: "^[0-9a-fA-F]{1,64}$",
          description: "Business id, with key; the latest record when left out.",
        }),
      ),
      valueHash: Type.Optional(
        Type.String({ pattern: "^[0-9a-fA-F]{64}$", description: "SHA-256 of a value's UTF-8 bytes, hex." }),
      ),
      envelope,
    }),
    wire: {
      chainCode: inQuery("chainCode"),
      key: inQuery("key"),
      businessId: inQuery("businessId"),
      valueHash: inQuery("valueHash"),
      envelope: inQuery("envelope", trueOrFalse),
    },
    output: Type.Object({ receipts: Type.Array(receipt) }),
    errors: ["EVIDENCE_UNKNOWN", "EVIDENCE_KEY_MALFORMED", "CHAIN_CODE_MALFORMED", "CHAIN_UNKNOWN", "ACCESS_DENIED"],
    example: {
      input: { chainCode: "HB5jyvZWzwcMFSFg", key: "0001_HB5jyvZWzwcMFSFg_0X58_80aa976ac4d64a97bd45c71a509d4c0b" },
      output: { receipts: [exampleReceipt] },
    },
  }),
  getTrustBundle: operation({
    id: "native:getTrustBundle",
    summary: "The keys that receipts are checked with. Obtain it apart from the receipts.",
    source: SOURCE,
    methods: GET,
    path: `${BASE}/trust-bundle`,
    permission: "ltl:chain:describe",
    mutating: false,
    input: Type.Object({}),
    wire: {},
    output: trustBundle,
    answer: asJson<Static<typeof trustBundle>>({
      "content-disposition": 'attachment; filename="concordat-trust.json"',
    }),
    errors: [],
    example: {
      input: {},
      output: {
        format: "concordat-trust/1",
        channels: [
          {
            origin: EXAMPLE_ORIGIN,
            displayName: "Cold chain",
            organizations: [
              {
                mspId: "CarrierMSP",
                displayName: "Carrier",
                caCertificates: ["-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"],
                checkpointKeys: [
                  {
                    algorithm: "Ed25519",
                    publicKey: "a2V5",
                    certificate: "Y2VydGlmaWNhdGU=",
                    fromBlock: 0,
                    toBlock: null,
                  },
                ],
              },
            ],
          },
        ],
      },
    },
  }),
};
