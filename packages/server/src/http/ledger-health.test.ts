import type { ChannelStatus } from "@concordat/ledger";
import { expect, it } from "vitest";
import { ledgerHealthOf } from "./ledger-health.ts";

const status = (channelId: string, failed: boolean): ChannelStatus => ({
  channelId,
  origin: `concordat/0123456789abcdef/${channelId}`,
  displayName: channelId,
  height: 1,
  transactionCount: 1,
  configSequence: 0,
  organizations: [],
  checkpoint: "",
  failed,
});

it("counts channels and names the ones that stopped", async () => {
  const health = ledgerHealthOf({ channels: async () => [status("ltl-1", false), status("ltl-2", true)] });
  expect(await health()).toEqual({ channelCount: 2, failedChannels: ["ltl-2"] });
});
