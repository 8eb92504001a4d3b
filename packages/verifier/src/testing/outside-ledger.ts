import { FixtureChannel } from "./channel.ts";
import { bytesField } from "./encode.ts";
import { FixtureAuthority, withAuthority } from "./members.ts";
import { definitionText, type FixtureOutside, outsideEnvelope, ROLE, signaturePolicy } from "./outside.ts";

export const authority1 = new FixtureAuthority("Org1MSP");
export const authority2 = new FixtureAuthority("Org2MSP");
export const client1 = authority1.member({ units: ["client"], serial: 10 });
export const peer1 = authority1.member({ units: ["peer"], serial: 11 });
export const peer2 = authority2.member({ units: ["peer"], serial: 21 });
export const client2 = authority2.member({ units: ["client", "sales"], serial: 22 });
/** On the revocation list from the first block on. */
export const revokedClient = authority1.member({ units: ["client"], serial: 66 });
export const revokedPeer = authority1.member({ units: ["peer"], serial: 67 });

export const peerOf1 = signaturePolicy(1, [{ mspId: "Org1MSP", role: ROLE.peer }]);
export const peerOf2 = signaturePolicy(1, [{ mspId: "Org2MSP", role: ROLE.peer }]);
/** Two of: a peer of the first organization, once more one, a peer of the second. */
const twoOfThree = signaturePolicy(2, [
  { mspId: "Org1MSP", role: ROLE.peer },
  { mspId: "Org1MSP", role: ROLE.peer },
  { mspId: "Org2MSP", role: ROLE.peer },
]);

export const both = { creator: client1, endorsers: [peer1, peer2] } as const;
export const first = { creator: client1, endorsers: [peer1] } as const;

export const define = (name: string, applicationPolicy: Buffer): FixtureOutside => ({
  ...both,
  contract: "_lifecycle",
  sets: [
    {
      namespace: "_lifecycle",
      writes: [{ key: `definitions/${name}`, value: definitionText(name, applicationPolicy) }],
    },
  ],
});

export type OutsideItem = FixtureOutside & { readonly code?: number };

export function addOutside(channel: FixtureChannel, items: readonly OutsideItem[]): void {
  channel.addEnvelopes(
    items.map(({ code = 0, ...transaction }) => ({
      envelope: outsideEnvelope(channel.nextDefaults(), transaction),
      kind: 2,
      code,
    })),
  );
}

export const organizations = [
  withAuthority(authority1, [authority1.revocationList([66, 67])]),
  withAuthority(authority2, [authority2.revocationList([])]),
] as const;

/**
 * Four blocks. In force behind them: `asset` under a peer of the first organization, `pair` under two of three, `open` under any member,
 * key `owned` of `asset` under a peer of the second.
 */
export function makeOutsideChannel(origin?: string): FixtureChannel {
  const channel = new FixtureChannel(organizations, origin);
  channel.addConfig();
  addOutside(channel, [
    define("asset", bytesField(1, peerOf1)),
    {
      ...both,
      sets: [
        {
          writes: [
            { key: "a", value: "1" },
            { key: "b", value: "1" },
          ],
        },
      ],
    },
    { ...first, code: 11, sets: [{ reads: [{ key: "a", version: [9, 9] }], writes: [{ key: "never", value: "1" }] }] },
    {
      ...first,
      contract: "_lifecycle",
      sets: [{ namespace: "_lifecycle", writes: [{ key: "approvals/Org1MSP/asset/2", value: "{}" }] }],
    },
    define("pair", bytesField(1, twoOfThree)),
    define("open", bytesField(2, "/Channel/Application/Writers")),
  ]);
  addOutside(channel, [
    {
      ...first,
      contract: "asset",
      sets: [
        {
          namespace: "asset",
          reads: [{ key: "owned" }],
          writes: [
            { key: "owned", value: "1" },
            { key: "plain", value: "1" },
          ],
          metadata: [{ key: "owned", entries: { VALIDATION_PARAMETER: peerOf2, note: Buffer.from("x") } }],
        },
      ],
    },
    {
      creator: client2,
      endorsers: [peer2],
      contract: "asset",
      sets: [
        { namespace: "asset", reads: [{ key: "owned", version: [2, 0] }], writes: [{ key: "owned", value: "2" }] },
      ],
    },
    {
      ...both,
      isOdd: true,
      sets: [
        {
          reads: [{ key: "a", version: [1, 1] }],
          rangeReads: [
            { key: "a", version: [1, 1] },
            { key: "b", version: [1, 1] },
          ],
          writes: [{ key: "a" }],
        },
        { namespace: "asset", reads: [{ key: "plain", version: [2, 0] }] },
      ],
    },
    { creator: client1, endorsers: [client2], contract: "open" },
  ]);
  channel.add([{ reads: [{ key: "a" }, { key: "b", version: [1, 1] }], writes: [{ key: "a", value: "3" }] }]);
  return channel;
}
