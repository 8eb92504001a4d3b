import type { ContractApproval } from "@concordat/ledger/endorsement";

/** Reads an argument of `_lifecycle`, as a peer does. @source fabric-protos peer/lifecycle/lifecycle.proto */
export function lifecycleRequestOf(argument: string | Uint8Array | undefined): ContractApproval {
  if (!(argument instanceof Uint8Array)) throw new Error("The lifecycle takes messages.");
  const fields = fieldsOf(argument);
  const text = (field: number) => Buffer.from(bytesAt(fields, field)).toString("utf8");
  const localPackage = fieldsOf(bytesAt(fieldsOf(bytesAt(fields, 9)), 2));
  return {
    sequence: numberAt(fields, 1),
    name: text(2),
    version: text(3),
    endorsementPlugin: text(4),
    validationPlugin: text(5),
    validationParameter: bytesAt(fields, 6),
    initRequired: numberAt(fields, 8) === 1,
    packageId: Buffer.from(bytesAt(localPackage, 1)).toString("utf8"),
  };
}

type Fields = ReadonlyMap<number, number | Uint8Array>;

function fieldsOf(bytes: Uint8Array): Fields {
  const fields = new Map<number, number | Uint8Array>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let place = 1; ; place *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte % 128) * place;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = varint();
    if (tag % 8 === 0) fields.set(Math.floor(tag / 8), value);
    else {
      fields.set(Math.floor(tag / 8), bytes.slice(at, at + value));
      at += value;
    }
  }
  return fields;
}

function numberAt(fields: Fields, field: number): number {
  const value = fields.get(field);
  return typeof value === "number" ? value : 0;
}

function bytesAt(fields: Fields, field: number): Uint8Array {
  const value = fields.get(field);
  return value instanceof Uint8Array ? value : new Uint8Array();
}
