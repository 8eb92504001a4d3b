import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { FixtureChannel } from "./channel.ts";
import type { FixtureTransaction } from "./envelopes.ts";
import { fixtureOrganization } from "./keys.ts";

export const org1 = fixtureOrganization("Org1MSP");
export const org2 = fixtureOrganization("Org2MSP");
export const write = (key: string): FixtureTransaction => ({ writes: [{ key, value: "v" }] });

/** Seven blocks: two configurations, reads of absent, present, deleted and same-block keys, and refusals. */
export function makeChannel(origin?: string): FixtureChannel {
  const channel = new FixtureChannel([org1, org2], origin);
  channel.addConfig();
  channel.add([
    { reads: [{ key: "a" }], ...write("a") },
    { reads: [{ key: "a", version: [1, 0] }], ...write("a") },
    { code: 11, reads: [{ key: "a", version: [9, 9] }], ...write("never") },
  ]);
  channel.add([
    { reads: [{ key: "a", version: [1, 1] }, { key: "never" }], writes: [{ key: "a" }, { key: "b", value: "v" }] },
  ]);
  channel.addConfig({
    organizations: [org1, fixtureOrganization("Org2MSP", { generations: ["2"] }), fixtureOrganization("Org3MSP")],
  });
  channel.add([{ reads: [{ key: "a" }, { key: "b", version: [2, 0] }], ...write("a") }, write("c")]);
  channel.add([{ reads: [{ key: "a", version: [4, 0] }], ...write("d") }]);
  channel.add([write("e"), write("f")]);
  return channel;
}

/** A temporary folder for each test of a file, and the verifier's answer about what lies in it. */
export class LedgerFolder {
  directory = "";

  constructor() {
    beforeEach(() => {
      this.directory = mkdtempSync(join(tmpdir(), "verify-ledger-"));
    });
    afterEach(() => rmSync(this.directory, { recursive: true, force: true }));
  }

  get segments(): string {
    return join(this.directory, "segments");
  }

  /** The report, with the first channel's part and its fault at hand. */
  async verify(options: { readonly since?: string; readonly trust?: unknown } = {}) {
    const { channels, ...report } = await verifyLedger({ directory: this.directory, ...options });
    return { ...report, channel: channels[0], fault: channels[0]?.faults[0] };
  }
}
