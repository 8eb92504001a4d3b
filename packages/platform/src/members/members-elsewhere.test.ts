import { afterEach, beforeEach, expect, it } from "vitest";
import { addMember, type Cast, codeOf, createCast, Harness } from "../testing/harness.ts";

let harness: Harness;
let cast: Cast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
});
afterEach(() => harness.dispose());

const asAdministrator = () => harness.callerOf(cast.administrator);

async function newUser(name: string): Promise<string> {
  const input = { accountUid: cast.memberAccount.uid, name };
  return (await harness.platform.accounts.createRamUser(asAdministrator(), input)).principal.uid;
}

it.each([0, 1])(
  "shows moves that other servers made one after the other, whichever is read first: %i",
  async (first) => {
    const { directory } = harness.platform.provisioning;
    const { bizChainId } = cast.chain.chain;
    await addMember(harness.platform, asAdministrator(), bizChainId, await newUser("second"));
    const third = await newUser("third");
    const rows = directory
      .membershipRows(bizChainId)
      .filter(({ role }) => role === "member")
      .sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
    const [giver, taker] = first === 0 ? rows : rows.toReversed();
    if (giver === undefined || taker === undefined) throw new Error("There are not two members.");
    // The first one's place goes to a third user; then the first user gets the other's place.
    await harness.commit([{ table: "memberships", row: { ...giver, uid: third } }]);
    await harness.commit([{ table: "memberships", row: { ...taker, uid: giver.uid } }]);
    await directory.refresh();
    expect(directory.membership(bizChainId, giver.uid)?.memberId).toBe(taker.memberId);
    expect(directory.membership(bizChainId, third)?.memberId).toBe(giver.memberId);
    expect(directory.membership(bizChainId, taker.uid)).toBeUndefined();
  },
);

it("changes no member's RAM user, and makes none, where the ledger cannot be asked", async () => {
  const uid = await newUser("second");
  const { bizChainId } = cast.chain.chain;
  const before = (await harness.store.load()).state;
  harness.ledger.channels = () => Promise.reject(new Error("There is no ledger here."));
  const { members } = harness.platform;
  const { memberId } = cast.member;
  expect(await codeOf(members.create(asAdministrator(), { bizChainId, uid }))).toBeInstanceOf(Error);
  expect(await codeOf(members.modify(asAdministrator(), { bizChainId, memberId, uid }))).toBeInstanceOf(Error);
  expect((await harness.store.load()).state).toEqual(before);
  const same = { bizChainId, memberId, uid: cast.memberPrincipal.uid, remark: "by the store alone" };
  expect(await members.modify(asAdministrator(), same)).toMatchObject({ remark: "by the store alone" });
  await members.setLocked(asAdministrator(), { bizChainId, memberId, locked: true });
  expect((await members.list(cast.administrator, { bizChainId, page: 1, pageSize: 1 })).items).toMatchObject([
    { memberId, locked: true },
  ]);
});
