import { describe, expect, it } from "vitest";
import { addOutside, both, makeOutsideChannel } from "../testing/outside-ledger.ts";
import { verifyReceipt } from "./verify-receipt.ts";

describe("the receipt of a transaction from outside", () => {
  const channel = makeOutsideChannel();
  addOutside(channel, [
    { ...both, code: 255, data: Buffer.from("\u0007") },
    { ...both, code: 8, txId: "an id of its own" },
    { ...both, code: 14, channelId: "other" },
  ]);
  const judge = (block: number, index: number) => verifyReceipt(channel.receipt(block, index), channel.trustBundle());

  it("is valid with its signature, endorsers and any order of fields", () => {
    const { status, reasons, facts } = judge(1, 1);
    expect({ status, reasons }).toEqual({ status: "valid", reasons: [] });
    expect(facts?.kind).toBe("optimistic");
    expect(facts?.transaction?.endorsers.map(({ mspId, commonName }) => [mspId, commonName])).toEqual([
      ["Org1MSP", "member 11"],
      ["Org2MSP", "member 21"],
    ]);
    expect(facts?.transaction?.writes.map(({ key }) => key)).toEqual(["a", "b"]);
    expect(judge(2, 2).status).toBe("valid");
  });

  it("says that it was refused, whatever stands inside of its headers", () => {
    const { status, facts } = judge(4, 0);
    expect(status).toBe("refused");
    expect(facts?.transaction).toMatchObject({ type: "transaction", channelId: "ltl-1", writes: [], endorsers: [] });
    expect(judge(4, 1).status).toBe("refused");
    expect(judge(4, 1).facts?.txId).toBe("an id of its own");
  });

  it("is invalid for another channel", () => {
    expect(judge(4, 2)).toMatchObject({ status: "invalid", reasons: ["the envelope is for another channel"] });
  });
});
