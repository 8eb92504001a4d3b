import { hexToBytes } from "@concordat/base";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { ExtendedKeyUsage, Extension, Extensions } from "@peculiar/asn1-x509";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDer, readDerChildren, readDerObjectIdentifier } from "./read.ts";

describe("the DER reader", () => {
  it("reads identifiers that the library wrote", () => {
    const identifiers = ["2.5.4.3", "1.2.840.113549.1.9.1", "2.999.3", "0.9"];
    const value = readDer(new Uint8Array(AsnConvert.serialize(new ExtendedKeyUsage(identifiers))));
    expect(readDerChildren(value).map(readDerObjectIdentifier)).toEqual(identifiers);
  });

  it("reads values of every length that the library wrote", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 }), (contents) => {
        const entries = contents.map((bytes) => new Extension({ extnID: "1.2.3", extnValue: new OctetString(bytes) }));
        const value = readDer(new Uint8Array(AsnConvert.serialize(new Extensions(entries))));
        expect(readDerChildren(value).map((entry) => readDerChildren(entry)[1]?.content)).toEqual(contents);
      }),
    );
  });

  it.each(["", "04", "0401", "048101ff", "0480", "04850000000001ff", "1f0100", "04000500"])("refuses %s", (hex) => {
    expect(() => readDer(hexToBytes(hex))).toThrow(RangeError);
  });
});
