import { concatBytes, utf8ToBytes } from "@concordat/base";
import type { ContractDefinition } from "@concordat/ledger/endorsement";

/**
 * The arguments of `_lifecycle`'s functions, as Fabric's tools send them.
 * @source fabric-protos peer/lifecycle/lifecycle.proto
 */
export function approvalArguments(definition: ContractDefinition, packageId: string): Uint8Array {
  const source =
    packageId === ""
      ? // ChaincodeSource.unavailable
        message(1, new Uint8Array())
      : // ChaincodeSource.local_package
        message(2, text(1, packageId));
  return concatBytes(definitionFields(definition), message(9, source));
}

export function commitArguments(definition: ContractDefinition): Uint8Array {
  return definitionFields(definition);
}

function definitionFields(definition: ContractDefinition): Uint8Array {
  return concatBytes(
    number(1, definition.sequence),
    text(2, definition.name),
    text(3, definition.version),
    text(4, definition.endorsementPlugin),
    text(5, definition.validationPlugin),
    message(6, definition.validationParameter),
    number(8, definition.initRequired ? 1 : 0),
  );
}

/** Numbers below 2^31; a default is left out, as proto3 writes it. */
function number(field: number, value: number): Uint8Array {
  return value === 0 ? new Uint8Array() : Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

function text(field: number, value: string): Uint8Array {
  return value === "" ? new Uint8Array() : message(field, utf8ToBytes(value));
}

function message(field: number, bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];
}
