import type { Member } from "@concordat/ledger/endorsement";
import { createChannelMsps, parsePolicyText } from "@concordat/ledger/endorsement";
import { beforeAll, describe, expect, it } from "vitest";
import { RunningNode } from "../node/running-node.ts";
import { createTestOrganization, testNode } from "../testing/test-organization.ts";
import { type Candidate, chooseEndorsers } from "./choose-endorsers.ts";

const MSP_IDS = ["AMSP", "BMSP", "CMSP", "DMSP"];

let candidates: readonly Candidate[];
let config: Parameters<typeof chooseEndorsers>[2];

beforeAll(async () => {
  const organizations = await Promise.all(MSP_IDS.map(createTestOrganization));
  config = {
    channelId: "ch1",
    origin: "concordat/0123456789abcdef/ch1",
    displayName: "ch1",
    organizations: organizations.map((one) => one.config),
    blockCutting: { messageCountMax: 1, bytesMax: 1, timeoutMs: 1, cutWhenIdle: true },
    stateDatabase: "goleveldb",
    cryptography: "international",
    recordRefusals: false,
    contracts: [],
  };
  const msps = createChannelMsps(config);
  candidates = await Promise.all(
    organizations.map(async (one) => {
      const node = new RunningNode(await testNode(one, "peer", []));
      const member: Member | undefined = msps.identify(node.identity, Date.now()).member;
      if (member === undefined) throw new Error("A peer is no member.");
      return { node, member };
    }),
  );
});

describe("the chosen endorsers", () => {
  it.each([
    [["OR('AMSP.peer','BMSP.peer')"], ["AMSP"]],
    [["OR('CMSP.peer','BMSP.peer')"], ["BMSP"]],
    [["AND('AMSP.peer','DMSP.peer')"], ["AMSP", "DMSP"]],
    [["OutOf(3,'AMSP.peer','BMSP.peer','CMSP.peer','DMSP.peer')"], ["AMSP", "BMSP", "CMSP"]],
    [
      ["OR('AMSP.peer',AND('BMSP.peer','CMSP.peer'))", "OR('DMSP.peer')"],
      ["AMSP", "DMSP"],
    ],
    [["/Channel/Application/Endorsement"], ["AMSP", "BMSP", "CMSP"]],
    [["OR('ZMSP.peer')"], undefined],
    [["AND('AMSP.peer','AMSP.peer')"], undefined],
    [["OR('AMSP.admin')"], undefined],
  ])("of %j", (texts, expected) => {
    const chosen = chooseEndorsers(candidates, texts.map(parsePolicyText), config);
    expect(chosen?.map(({ node }) => node.mspId)).toEqual(expected);
  });

  it("are somebody even when nothing asks for anybody", () => {
    expect(chooseEndorsers(candidates, [], config)).toEqual(candidates.slice(0, 1));
    expect(chooseEndorsers([], [], config)).toBeUndefined();
  });
});
