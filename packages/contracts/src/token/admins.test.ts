import { beforeEach, describe, expect, it } from "vitest";
import { alice, bob, carol, openTokens, root, stranger, TokenChannel } from "../testing/token-channel.ts";

let channel: TokenChannel;
const listed = ({ orgId, userId }: typeof root) => ({ org_id: orgId, user_id: userId });

beforeEach(async () => {
  channel = await openTokens();
});

describe("init", () => {
  it("makes the first token admins, once", async () => {
    const fresh = new TokenChannel();
    const adminList = [listed(root), listed(alice)];
    expect(await fresh.submit(stranger, "init", { adminList })).toBe("");
    expect(await fresh.read(alice, "getAllTokenAdmins")).toEqual({ admins: adminList });
    expect(await fresh.refusal(root, "init", { adminList })).toBe("ALREADY_INITIALIZED");
  });

  it("takes one admin at least", async () => {
    const fresh = new TokenChannel();
    for (const args of [{}, { adminList: [] }, { adminList: [{ org_id: "A" }] }, { adminList: "[]" }]) {
      expect(await fresh.refusal(root, "init", args)).toBe("ARGUMENT_INVALID");
    }
  });
});

describe("token admins and auditors", () => {
  it("are added and removed, and adding again changes nothing", async () => {
    expect(await channel.submit(root, "addTokenAdmin", bob)).toEqual({
      msg: "Successfully added Token Admin (Org_Id: TwoMSP, User_Id: bob@two.example)",
    });
    const before = channel.channel.dump();
    expect(await channel.submit(root, "addTokenAdmin", bob)).toEqual({
      msg: "User (Org_Id: TwoMSP, User_Id: bob@two.example) is already Token Admin.",
    });
    expect(channel.channel.dump()).toEqual(before);
    expect(await channel.read(root, "isTokenAdmin", bob)).toEqual({ result: true });
    expect(await channel.submit(root, "removeTokenAdmin", bob)).toMatchObject({
      msg: expect.stringMatching(/^Successfully removed/),
    });
    expect(await channel.read(root, "isTokenAdmin", bob)).toEqual({ result: false });
    expect(await channel.refusal(root, "removeTokenAdmin", bob)).toBe("OFFICER_UNKNOWN");
    expect(await channel.refusal(root, "removeTokenAuditor", bob)).toBe("OFFICER_UNKNOWN");
  });

  it("an admin cannot remove itself", async () => {
    await channel.submit(root, "addTokenAdmin", bob);
    expect(await channel.refusal(root, "removeTokenAdmin", root)).toBe("SELF_REMOVAL");
    await channel.submit(bob, "removeTokenAdmin", root);
    expect(await channel.refusal(root, "addTokenAdmin", root)).toBe("NOT_AUTHORIZED");
  });
});

describe("org admins and auditors", () => {
  it("act in their own organization", async () => {
    await channel.submit(root, "addOrgAdmin", bob);
    await channel.submit(bob, "addOrgAdmin", carol);
    await channel.submit(bob, "addOrgAuditor", stranger);
    expect(await channel.refusal(bob, "addOrgAdmin", alice)).toBe("NOT_AUTHORIZED");
    expect(await channel.refusal(bob, "addTokenAuditor", carol)).toBe("NOT_AUTHORIZED");
    await channel.submit(bob, "removeOrgAdmin", carol);
    expect(await channel.refusal(carol, "addOrgAdmin", carol)).toBe("NOT_AUTHORIZED");
  });

  it("are listed for their own organization, for token admins of all", async () => {
    for (const user of [bob, alice]) await channel.submit(root, "addOrgAdmin", user);
    await channel.submit(root, "addOrgAuditor", alice);
    expect(await channel.read(root, "getOrgAdmins")).toEqual({ admins: [listed(alice), listed(bob)] });
    expect(await channel.read(bob, "getOrgAdmins")).toEqual({ admins: [listed(bob)] });
    expect(await channel.read(bob, "getOrgAuditors")).toEqual({ admins: [] });
    expect(await channel.read(alice, "getOrgAuditors")).toEqual({ admins: [listed(alice)] });
  });
});

describe("the caller", () => {
  const call = (attributes: Readonly<Record<string, string>>, mspId = root.orgId) =>
    channel.channel.evaluate("getAllTokenAdmins", [""], { txId: "t", timeMs: 0, attributes, mspId });

  it("is the enrolment id, else the principal, of its organization", async () => {
    await expect(call({ "hf.EnrollmentID": root.userId, principal: "other" })).resolves.toContain("root");
    await expect(call({ principal: root.userId })).resolves.toContain("root");
    for (const refused of [
      call({}),
      call({ principal: "a b" }),
      call({ "hf.EnrollmentID": "", principal: root.userId }),
      call({ "hf.EnrollmentID": "other", principal: root.userId }),
      call({ principal: root.userId }, "OneMSP"),
    ]) {
      await expect(refused).rejects.toMatchObject({ code: "NOT_AUTHORIZED" });
    }
  });
});
