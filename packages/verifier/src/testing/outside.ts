import { bytesField, message, numberField, optionalBytes, optionalNumber } from "./encode.ts";
import { type FixtureEnvelope, type FixtureRead, type FixtureWrite, sha256 } from "./envelopes.ts";
import { type FixtureMember, signAs } from "./members.ts";

export interface FixtureMetadata {
  readonly key: string;
  /** By name; none: the metadata goes. */
  readonly entries: Readonly<Record<string, Buffer>>;
}

/** What a transaction does in one namespace. */
export interface FixtureSet {
  readonly namespace?: string;
  readonly reads?: readonly FixtureRead[];
  /** Raw reads of one range query. */
  readonly rangeReads?: readonly FixtureRead[];
  readonly writes?: readonly FixtureWrite[];
  readonly metadata?: readonly FixtureMetadata[];
  readonly collection?: boolean;
  readonly rangeHashes?: boolean;
}

/** A transaction from outside; what is left out is made right, but for creator and endorsers. */
export interface FixtureOutside {
  readonly creator: FixtureMember;
  readonly endorsers: readonly FixtureMember[];
  readonly sets?: readonly FixtureSet[];
  readonly contract?: string;
  readonly channelId?: string;
  readonly type?: number;
  readonly nonce?: string;
  readonly txId?: string;
  readonly seconds?: number;
  readonly epoch?: number;
  readonly noContract?: boolean;
  readonly actionContract?: string;
  readonly version?: string;
  readonly status?: number;
  readonly proposalHash?: Buffer;
  readonly actionHeader?: Buffer;
  readonly secondAction?: boolean;
  readonly transient?: boolean;
  readonly dataModel?: number;
  /** Who really signs the payload. */
  readonly signer?: FixtureMember;
  readonly signatureHalf?: "low" | "high";
  readonly endorsementHalf?: "low" | "high";
  /** Who really signs for the last endorser. */
  readonly endorsementSigner?: FixtureMember;
  /** The fields of each message in falling order, with unknown ones among them. */
  readonly isOdd?: boolean;
  /** Stands in place of the transaction. */
  readonly data?: Buffer;
  /** A second channel header. */
  readonly headerTwice?: boolean;
}

/** An endorsed and signed envelope in Fabric's encoding. */
export function outsideEnvelope(
  defaults: { readonly channelId: string; readonly nonce: string; readonly seconds: number },
  transaction: FixtureOutside,
): FixtureEnvelope {
  const { creator } = transaction;
  const { channelId, nonce: nonceText, seconds } = { ...defaults, ...transaction };
  const nonce = sha256(Buffer.from(nonceText)).subarray(0, 24);
  const txId = transaction.txId ?? sha256(nonce, creator.serialized).toString("hex");
  const contract = transaction.contract ?? "evidence";
  const put = (...fields: readonly (Buffer | undefined)[]) =>
    transaction.isOdd === true
      ? message(...fields.toReversed(), bytesField(99, "unknown"), numberField(98, 7))
      : message(...fields);
  const channelHeader = put(
    optionalNumber(1, transaction.type ?? 3),
    bytesField(3, put(optionalNumber(1, seconds), numberField(2, 500_000_000))),
    optionalBytes(4, channelId),
    optionalBytes(5, txId),
    transaction.epoch === undefined ? undefined : numberField(6, transaction.epoch),
    transaction.noContract === true ? undefined : bytesField(7, put(bytesField(2, put(bytesField(2, contract))))),
  );
  const signatureHeader = put(bytesField(1, creator.serialized), bytesField(2, nonce));
  const data = transaction.data ?? transactionBytes(transaction, contract, channelHeader, signatureHeader, put);
  const header = put(
    bytesField(1, channelHeader),
    transaction.headerTwice === true ? bytesField(1, channelHeader) : undefined,
    bytesField(2, signatureHeader),
  );
  const payload = put(bytesField(1, header), bytesField(2, data));
  const signer = transaction.signer ?? creator;
  return {
    bytes: put(bytesField(1, payload), bytesField(2, signAs(signer.key, payload, transaction.signatureHalf))),
    txId,
  };
}

type Put = (...fields: readonly (Buffer | undefined)[]) => Buffer;

function transactionBytes(
  transaction: FixtureOutside,
  contract: string,
  channelHeader: Buffer,
  signatureHeader: Buffer,
  put: Put,
): Buffer {
  const input = put(numberField(1, 2), bytesField(2, put(bytesField(2, contract))));
  const transient =
    transaction.transient === true ? bytesField(2, message(bytesField(1, "k"), bytesField(2, "v"))) : undefined;
  const proposal = put(bytesField(1, bytesField(1, input)), transient);
  const name = transaction.actionContract ?? contract;
  const version = transaction.version ?? "1.0";
  const action = put(
    bytesField(1, resultsBytes(transaction.sets ?? [], transaction.dataModel ?? 0, put)),
    bytesField(3, put(optionalNumber(1, transaction.status ?? 200))),
    bytesField(4, put(bytesField(2, name), optionalBytes(3, version))),
  );
  const proposalHash = transaction.proposalHash ?? sha256(channelHeader, signatureHeader, proposal);
  const response = put(bytesField(1, proposalHash), bytesField(2, action));
  const endorsements = transaction.endorsers.map((endorser, at) => {
    const isLast = at === transaction.endorsers.length - 1;
    const { key } = (isLast ? transaction.endorsementSigner : undefined) ?? endorser;
    const signature = signAs(key, Buffer.concat([response, endorser.serialized]), transaction.endorsementHalf);
    return bytesField(2, put(bytesField(1, endorser.serialized), bytesField(2, signature)));
  });
  const endorsed = put(bytesField(1, response), ...endorsements);
  const whole = bytesField(
    1,
    put(
      bytesField(1, transaction.actionHeader ?? signatureHeader),
      bytesField(2, put(bytesField(1, proposal), bytesField(2, endorsed))),
    ),
  );
  return transaction.secondAction === true ? put(whole, whole) : put(whole);
}

function resultsBytes(sets: readonly FixtureSet[], dataModel: number, put: Put): Buffer {
  const namespaces = sets.map((set) => {
    const range = set.rangeReads && [
      bytesField(1, "a"),
      bytesField(2, "z"),
      numberField(3, 1),
      set.rangeHashes === true ? bytesField(5, "") : bytesField(4, message(...set.rangeReads.map(readBytes))),
    ];
    const metadata = (set.metadata ?? []).map(({ key, entries }) =>
      bytesField(
        4,
        message(
          bytesField(1, key),
          ...Object.entries(entries).map(([name, value]) =>
            bytesField(2, message(bytesField(1, name), bytesField(2, value))),
          ),
        ),
      ),
    );
    const rows = put(
      ...(set.reads ?? []).map(readBytes),
      range && bytesField(2, put(...range)),
      ...(set.writes ?? []).map(({ key, value }) =>
        bytesField(3, put(bytesField(1, key), value === undefined ? numberField(2, 1) : optionalBytes(3, value))),
      ),
      ...metadata,
    );
    const collection = set.collection === true ? bytesField(3, bytesField(1, "secret")) : undefined;
    return bytesField(2, put(bytesField(1, set.namespace ?? "evidence"), bytesField(2, rows), collection));
  });
  return put(optionalNumber(1, dataModel), ...namespaces);
}

function readBytes({ key, version }: FixtureRead): Buffer {
  const at = version && bytesField(2, message(optionalNumber(1, version[0]), optionalNumber(2, version[1])));
  return bytesField(1, message(bytesField(1, key), at));
}

/** A SignaturePolicyEnvelope: `n` of these roles. */
export function signaturePolicy(
  n: number,
  principals: readonly { readonly mspId: string; readonly role: number }[],
): Buffer {
  const rules = principals.map((_, at) => bytesField(2, numberField(1, at)));
  const roles = principals.map(({ mspId, role }) =>
    bytesField(3, bytesField(2, message(bytesField(1, mspId), optionalNumber(2, role)))),
  );
  return message(bytesField(2, bytesField(2, message(optionalNumber(1, n), ...rules))), ...roles);
}

/** The text of a definition under a serialized ApplicationPolicy. */
export function definitionText(name: string, applicationPolicy: Buffer): string {
  return JSON.stringify({
    endorsementPlugin: "escc",
    initRequired: false,
    name,
    sequence: 1,
    validationParameter: applicationPolicy.toString("base64"),
    validationPlugin: "vscc",
    version: "1.0",
  });
}

export const ROLE = { member: 0, admin: 1, client: 2, peer: 3, orderer: 4 } as const;
