import type { ChannelStatus } from "@concordat/ledger";
import { expect, it } from "vitest";
import { watchLedger } from "./ledger-health.ts";

const status = (channelId: string): ChannelStatus => ({
  channelId,
  origin: `concordat/0123456789abcdef/${channelId}`,
  displayName: channelId,
  height: 1,
  transactionCount: 1,
  configSequence: 0,
  organizations: [],
  checkpoint: "",
});

it("reports a channel from the moment it stops, and watches each once", async () => {
  const waits = new Map<string, () => void>();
  const channels = [status("ltl-1")];
  const health = watchLedger({
    channels: async () => channels,
    waitForBlock: (channelId) => {
      expect(waits.has(channelId)).toBe(false);
      return new Promise((_, reject) => waits.set(channelId, () => reject(new TypeError("disk"))));
    },
  });
  expect(await health()).toEqual({ channelCount: 1, failedChannels: [] });
  channels.push(status("ltl-2"));
  expect(await health()).toEqual({ channelCount: 2, failedChannels: [] });
  waits.get("ltl-2")?.();
  await health();
  expect(await health()).toEqual({ channelCount: 2, failedChannels: ["ltl-2"] });
});
