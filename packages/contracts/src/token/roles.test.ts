import { beforeEach, expect, it } from "vitest";
import { alice, bob, carol, notary, openTokens, root, stranger, type TokenChannel } from "../testing/token-channel.ts";

let channel: TokenChannel;
const roleOf = (user: typeof root, role = "minter", tokenId = "USD") => ({ ...user, tokenId, role });
const isIn = async (user: typeof root, role = "minter", tokenId = "USD") =>
  Object(await channel.read(root, "isInRole", roleOf(user, role, tokenId)))["result"];

beforeEach(async () => {
  channel = await openTokens();
});

it("adds and removes roles; adding again changes nothing", async () => {
  expect(await isIn(bob)).toBe("false");
  const message = await channel.text(root, "addRole", roleOf(bob), "msg");
  expect(message).toMatch(/^Successfully added role 'minter' to Account Id: oaccount~[0-9a-f]{64} \(Org-Id: TwoMSP, /);
  const before = channel.channel.dump();
  expect(await channel.text(root, "addRole", roleOf(bob), "msg")).toMatch(/already has role 'minter'$/);
  expect(channel.channel.dump()).toEqual(before);
  expect(await isIn(bob)).toBe("true");
  expect(await isIn(bob, "burner")).toBe("false");
  expect(await channel.text(root, "removeRole", roleOf(bob), "msg")).toMatch(
    /^Successfully removed role 'minter' from/,
  );
  expect(await isIn(bob)).toBe("false");
  expect(await channel.refusal(root, "removeRole", roleOf(bob))).toBe("ROLE_NOT_HELD");
});

it("has the token's roles only, for accounts of the token", async () => {
  for (const fn of ["addRole", "removeRole", "isInRole"]) {
    expect(await channel.refusal(root, fn, roleOf(bob, "tokenAdmin"))).toBe("ROLE_UNKNOWN");
    expect(await channel.refusal(root, fn, roleOf(bob, "minter", "EUR"))).toBe("TOKEN_UNKNOWN");
    expect(await channel.refusal(root, fn, roleOf(stranger))).toBe("ACCOUNT_UNKNOWN");
    expect(await channel.refusal(root, fn, { ...roleOf(bob), role: 5 })).toBe("ARGUMENT_INVALID");
  }
  await channel.submit(root, "initializeStablecoinToken", { tokenAsset: { token_id: "EUR" } });
  await channel.createAccount(alice, "EUR");
  expect([await isIn(alice), await isIn(alice, "minter", "EUR")]).toEqual(["true", "false"]);
});

it("lists accounts and users of a role, also of one organization", async () => {
  for (const user of [bob, carol]) await channel.addRole(user, "minter");
  const users = async (fn: string, more = {}) => {
    const answer: { readonly users: readonly { readonly user_id: string; readonly token_id: string }[] } = Object(
      await channel.read(root, fn, { tokenId: "USD", role: "minter", ...more }),
    );
    return answer.users.map(({ user_id }) => user_id).sort();
  };
  expect(await users("getUsersByRole")).toEqual(["alice", "bob@two.example", "carol"]);
  expect(await users("getOrgUsersByRole", { orgId: "TwoMSP" })).toEqual(["bob@two.example", "carol"]);
  expect(await users("getOrgUsersByRole", { orgId: "HubMSP" })).toEqual([]);
  const accounts = async (fn: string, more = {}): Promise<readonly string[]> =>
    Object(await channel.read(root, fn, { tokenId: "USD", role: "notary", ...more }))["accounts"];
  const own = Object(await channel.read(notary, "getAccount", { ...notary, tokenId: "USD" }));
  expect(await accounts("getAccountsByRole")).toEqual([own["account_id"]]);
  expect(await accounts("getOrgAccountsByRole", { orgId: "HubMSP" })).toEqual([own["account_id"]]);
  expect(await accounts("getOrgAccountsByRole", { orgId: "OneMSP" })).toEqual([]);
  expect(await channel.refusal(root, "getUsersByRole", { tokenId: "USD", role: "x" })).toBe("ROLE_UNKNOWN");
});
