import { ConcordatError } from "@concordat/base";
import { expect, it } from "vitest";
import { PlatformError } from "../errors.ts";
import { ledgerError } from "../testing/fake-ledger.ts";
import { toPlatformError } from "./ledger-errors.ts";

it("takes a contract's refusal apart", () => {
  const refusal = (code: string) =>
    toPlatformError(ledgerError("CONTRACT_REFUSED", { contract: "evidence", refusal: code }));
  expect(refusal("KEY_EXISTS")).toMatchObject({ code: "KEY_EXISTS" });
  expect(refusal("ACCESS_DENIED")).toMatchObject({ code: "LEDGER_FAULT" });
  expect(refusal("toString")).toMatchObject({ code: "LEDGER_FAULT" });
});

it("takes the collaboration contract's own decisions as they are, in its words", () => {
  const refusal = (contract: string, code: string) =>
    toPlatformError(ledgerError("CONTRACT_REFUSED", { contract, refusal: code }, `${contract} says ${code}`));
  expect(refusal("collaboration", "ACCESS_DENIED")).toMatchObject({
    code: "ACCESS_DENIED",
    message: "collaboration says ACCESS_DENIED",
  });
  expect(refusal("evidence", "ACCESS_DENIED")).toMatchObject({
    code: "LEDGER_FAULT",
    message: expect.not.stringContaining("says"),
  });
  expect(refusal("collaboration", "VALUE_TOO_LONG")).toMatchObject({ message: "collaboration says VALUE_TOO_LONG" });
  expect(refusal("collaboration", "ARGUMENT_MALFORMED")).toMatchObject({ code: "LEDGER_FAULT" });
  expect(refusal("collaboration", "EVIDENCE_UNKNOWN")).toMatchObject({ code: "LEDGER_FAULT" });
  expect(refusal("audit", "QUOTA_EXCEEDED")).toMatchObject({ code: "LEDGER_FAULT" });
});

it("takes no other contract's refusal for one of these, and keeps its facts", () => {
  for (const contract of ["token", "audit"]) {
    for (const refusal of ["NOT_AUTHORIZED", "BALANCE_TOO_LOW", "KEY_EXISTS", "NAME_EXISTS"]) {
      expect(toPlatformError(ledgerError("CONTRACT_REFUSED", { contract, refusal }))).toMatchObject({
        code: "LEDGER_FAULT",
        facts: { contract, refusal },
      });
    }
  }
});

it("keeps facts and cause", () => {
  const cause = ledgerError("DUPLICATE_TRANSACTION", { txId: "t" });
  expect(toPlatformError(cause)).toMatchObject({ code: "CALL_REPLAYED", facts: { txId: "t" }, cause });
});

it("leaves the platform's own refusals and everything unknown as they are", () => {
  for (const error of [
    new PlatformError("ACCESS_DENIED"),
    new Error("x"),
    "text",
    new ConcordatError({ code: "OTHER", summary: "o" }),
  ]) {
    expect(toPlatformError(error)).toBe(error);
  }
});
