import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { certificateSummary, parseRevocationList, verifyCertificateChain } from "@concordat/identity";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Principal } from "../ports.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";
import type { Certificate, Enrolment } from "./ports.ts";

let harness: Harness;
let cast: Cast;
let keys = 0;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
});
afterEach(() => harness.dispose());

const certificates = () => harness.platform.certificates;
const as = (principal: Principal) => harness.callerOf(principal);
const all = { offset: 0, limit: 100 };
const write = (principal: Principal, membership = cast.chain) =>
  codeOf(
    harness.platform.evidence.set(
      principal,
      { chainCode: membership.chain.bizChainCode, key: keyOf(membership, `key-${++keys}`), value: "value" },
      harness.nonce(),
    ),
  );
const written = { answered: expect.anything() };

function enrolment(more: Partial<Enrolment> = {}): Enrolment {
  const { mspId } = cast.memberAccount;
  return { mspId, purpose: "identity", role: "peer", commonName: "peer0", ...more };
}

async function presentOf(principal: Principal): Promise<Certificate> {
  const { items } = await certificates().list(as(cast.administrator), {
    ...all,
    uid: principal.uid,
    currentOnly: true,
  });
  const [found] = items;
  if (found === undefined) throw new Error("The principal has no certificate.");
  return found;
}

async function auditOf(action: string): Promise<unknown[]> {
  const rows = await harness.store.database
    .selectFrom("auditEntries")
    .selectAll()
    .where("action", "=", action)
    .execute();
  return rows.map(({ uid, resourceId, detail }) => ({ uid, resourceId, detail: JSON.parse(detail) }));
}

describe("records", () => {
  it("are made of every certificate when it is issued", async () => {
    const { items } = await certificates().list(as(cast.administrator), { ...all, mspId: cast.memberAccount.mspId });
    expect(items.map(({ role, uid }) => [role, uid]).sort()).toEqual(
      [
        ["admin", null],
        ["checkpoint", null],
        ["client", cast.memberAccount.uid],
        ["client", cast.memberPrincipal.uid],
      ].sort(),
    );
    for (const item of items) expect(item).toMatchObject({ status: "good", isKeyHeld: true, isCurrent: true });
  });

  it("are made at the start for what an earlier release left without, once", async () => {
    const before = (await harness.store.load()).state.certificates;
    await harness.commit(before.map((row) => ({ table: "certificates", row, remove: true })));
    await harness.restart();
    const filled = await harness.store.load();
    expect(filled.state.certificates.map(({ keySealed: _, statusMs: __, ...row }) => row)).toEqual(
      before.map(({ keySealed: _, statusMs: __, ...row }) => row),
    );
    await harness.restart();
    expect((await harness.store.load()).version).toBe(filled.version);
  });
});

describe("enrolment", () => {
  it("issues Fabric identities of each role with a key made here, shown once", async () => {
    for (const role of ["admin", "client", "peer", "orderer"] as const) {
      const attributes = { department: "logistics" };
      const input = enrolment({ role, commonName: `${role}-1`, attributes, validDays: 90 });
      const { certificate, privateKeyPem, authorityPem } = await certificates().enrol(as(cast.memberAccount), input);
      expect(privateKeyPem).toContain("BEGIN PRIVATE KEY");
      const verdict = verifyCertificateChain(certificate.certificatePem, {
        authorities: [authorityPem],
        atMs: harness.clock.nowMs(),
        roles: [role],
      });
      expect(verdict).toMatchObject({ valid: true, certificate: { commonName: `${role}-1` } });
      expect(certificateSummary(certificate.certificatePem).attributes).toEqual(attributes);
      expect(certificate.notAfterMs - harness.clock.nowMs()).toBe(90 * 86_400_000);
      const again = await certificates().get(as(cast.memberAccount), certificate);
      expect(again).toEqual(certificate);
      expect(JSON.stringify(again)).not.toContain("PRIVATE KEY");
    }
  });

  it("issues TLS certificates for hosts", async () => {
    const input = enrolment({ purpose: "tls", commonName: "peer0.example.com", hosts: ["10.0.0.7", "::1"] });
    const { certificate, authorityPem } = await certificates().enrol(as(cast.memberAccount), input);
    const options = { authorities: [authorityPem], atMs: harness.clock.nowMs(), purpose: "tls" } as const;
    expect(verifyCertificateChain(certificate.certificatePem, options)).toMatchObject({
      valid: true,
      certificate: { hosts: ["peer0.example.com", "10.0.0.7", "::1"] },
    });
  });

  it("certifies the key of a request that openssl made, and knows no private key then", async () => {
    const folder = await mkdtemp(join(tmpdir(), "concordat-request-"));
    try {
      const file = (name: string) => join(folder, name);
      const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
      const args = [
        "req",
        "-new",
        ...curve,
        "-keyout",
        file("key.pem"),
        "-subj",
        "/CN=whatever",
        "-out",
        file("req.pem"),
      ];
      const run = promisify(execFile);
      await run("openssl", args);
      const { stdout: certificateRequestPem } = await run("openssl", ["req", "-in", file("req.pem")]);
      const answer = await certificates().enrol(as(cast.memberAccount), enrolment({ certificateRequestPem }));
      expect(answer.privateKeyPem).toBeNull();
      expect(answer.certificate).toMatchObject({ commonName: "peer0", isKeyHeld: false });
      await writeFile(file("cert.pem"), answer.certificate.certificatePem);
      const keyOfCertificate = await run("openssl", ["x509", "-in", file("cert.pem"), "-noout", "-pubkey"]);
      const keyOfHolder = await run("openssl", ["pkey", "-in", file("key.pem"), "-pubout"]);
      expect(keyOfCertificate.stdout).toBe(keyOfHolder.stdout);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("refuses what cannot be certified, and issues nothing", async () => {
    const before = await harness.store.load();
    const cases: [string, Partial<Enrolment>][] = [
      ["CERTIFICATE_REQUEST_INVALID", { role: "server" }],
      ["CERTIFICATE_REQUEST_INVALID", { purpose: "tls", role: "admin" }],
      ["CERTIFICATE_REQUEST_INVALID", { commonName: "" }],
      ["CERTIFICATE_REQUEST_INVALID", { validDays: 0 }],
      ["CERTIFICATE_REQUEST_INVALID", { validDays: 3651 }],
      ["CERTIFICATE_REQUEST_INVALID", { hosts: ["peer0"] }],
      ["CERTIFICATE_REQUEST_INVALID", { purpose: "tls", commonName: "no host" }],
      ["CERTIFICATE_REQUEST_INVALID", { attributes: { principal: cast.administrator.uid } }],
      ["CERTIFICATE_REQUEST_INVALID", { certificateRequestPem: "-----BEGIN CERTIFICATE REQUEST-----" }],
      ["ORGANIZATION_UNKNOWN", { mspId: "NobodyMSP" }],
    ];
    for (const [code, more] of cases) {
      expect([more, await codeOf(certificates().enrol(as(cast.administrator), enrolment(more)))]).toEqual([more, code]);
    }
    expect((await harness.store.load()).state.certificates).toEqual(before.state.certificates);
  });

  it("is for who may act for the organization", async () => {
    for (const caller of [cast.stranger, cast.memberPrincipal]) {
      expect(await codeOf(certificates().enrol(as(caller), enrolment()))).toBe("ACCESS_DENIED");
      expect(await codeOf(certificates().enrol(as(caller), enrolment({ mspId: "NobodyMSP" })))).toBe("ACCESS_DENIED");
    }
    await certificates().enrol(as(cast.memberAccount), enrolment());
    expect(await auditOf("pki:certificate:create")).toEqual([
      {
        uid: cast.memberAccount.uid,
        resourceId: expect.stringContaining(cast.memberAccount.mspId),
        detail: { role: "peer", commonName: "peer0", notAfterMs: expect.any(Number), keyMadeHere: true },
      },
    ]);
  });
});

describe("freezing and revoking", () => {
  it("stops a principal's writes, and only its, until it is unfrozen", async () => {
    const certificate = await presentOf(cast.memberPrincipal);
    expect(await write(cast.memberPrincipal, cast.member)).toEqual(written);
    await certificates().freeze(as(cast.memberAccount), certificate);
    expect(await write(cast.memberPrincipal, cast.member)).toBe("CERTIFICATE_NOT_USABLE");
    expect(await write(cast.administrator)).toEqual(written);
    await harness.restart();
    expect(await write(cast.memberPrincipal, cast.member)).toBe("CERTIFICATE_NOT_USABLE");
    await certificates().unfreeze(as(cast.memberAccount), certificate);
    expect(await write(cast.memberPrincipal, cast.member)).toEqual(written);
  });

  it("ends with a new certificate when the old one was revoked", async () => {
    const { uid } = cast.memberPrincipal;
    const certificate = await presentOf(cast.memberPrincipal);
    const { directory } = harness.platform.provisioning;
    await certificates().revoke(as(cast.memberAccount), certificate, "keyCompromise");
    expect(await write(cast.memberPrincipal, cast.member)).toBe("CERTIFICATE_NOT_USABLE");
    const renewed = await certificates().enrolPrincipal(as(cast.memberAccount), { uid });
    expect(directory.creator(uid).certificatePem).toBe(renewed.certificatePem);
    expect(await write(cast.memberPrincipal, cast.member)).toEqual(written);
    expect(await certificates().get(as(cast.memberAccount), certificate)).toMatchObject({
      status: "revoked",
      reason: "keyCompromise",
      isCurrent: false,
    });
    const { attributes } = certificateSummary(renewed.certificatePem);
    expect({ ...attributes }).toEqual({ tenant: cast.memberAccount.uid, principal: uid });
  });

  it("gives a frozen principal no new certificate", async () => {
    await certificates().freeze(as(cast.memberAccount), await presentOf(cast.memberPrincipal));
    const enrolAgain = certificates().enrolPrincipal(as(cast.memberAccount), { uid: cast.memberPrincipal.uid });
    expect(await codeOf(enrolAgain)).toBe("CERTIFICATE_STATE_REFUSED");
    expect(await codeOf(certificates().enrolPrincipal(as(cast.administrator), { uid: "0" }))).toBe("USER_UNKNOWN");
    expect(await codeOf(certificates().enrolPrincipal(as(cast.stranger), { uid: "0" }))).toBe("ACCESS_DENIED");
  });

  it("refuses writes with an expired certificate", async () => {
    const { uid } = cast.memberPrincipal;
    await certificates().enrolPrincipal(as(cast.memberAccount), { uid, validDays: 1 });
    expect(await write(cast.memberPrincipal, cast.member)).toEqual(written);
    // Past its end at once: the hourly scan has no turn in between.
    vi.spyOn(harness.clock, "nowMs").mockReturnValue(harness.clock.nowMs() + 2 * 86_400_000);
    expect(await write(cast.memberPrincipal, cast.member)).toBe("CERTIFICATE_NOT_USABLE");
  });

  it("leaves no way out of revoked, and none that is not there", async () => {
    const caller = as(cast.memberAccount);
    const { certificate } = await certificates().enrol(caller, enrolment());
    const { freeze, unfreeze, revoke } = {
      freeze: () => codeOf(certificates().freeze(caller, certificate)),
      unfreeze: () => codeOf(certificates().unfreeze(caller, certificate)),
      revoke: () => codeOf(certificates().revoke(caller, certificate, "unspecified")),
    };
    expect(await unfreeze()).toBe("CERTIFICATE_STATE_REFUSED");
    expect(await freeze()).toMatchObject({ answered: { status: "frozen", reason: "certificateHold" } });
    expect(await freeze()).toBe("CERTIFICATE_STATE_REFUSED");
    expect(await unfreeze()).toMatchObject({ answered: { status: "good", reason: null } });
    expect(await freeze()).toMatchObject({ answered: { status: "frozen" } });
    expect(await revoke()).toMatchObject({ answered: { status: "revoked", reason: "unspecified" } });
    for (const change of [freeze, unfreeze, revoke]) expect(await change()).toBe("CERTIFICATE_STATE_REFUSED");
    expect(certificates().statusOf(certificate)).toBe("revoked");
    const nothing = { ...certificate, serialNumber: "1234" };
    expect(certificates().statusOf(nothing)).toBeUndefined();
    expect(await codeOf(certificates().freeze(caller, nothing))).toBe("CERTIFICATE_UNKNOWN");
    const actions = ["freeze", "unfreeze", "revoke"].map((verb) => auditOf(`pki:certificate:${verb}`));
    expect((await Promise.all(actions)).map((entries) => entries.length)).toEqual([2, 1, 1]);
  });

  it("does not touch a checkpoint key that channels are signed with", async () => {
    const { items } = await certificates().list(as(cast.administrator), { ...all, role: "checkpoint" });
    const [certificate] = items;
    if (certificate === undefined) throw new Error("There is no checkpoint certificate.");
    expect(await codeOf(certificates().revoke(as(cast.administrator), certificate, "superseded"))).toBe(
      "CERTIFICATE_STATE_REFUSED",
    );
  });

  it("revokes what a deleted user held", async () => {
    const row = (await harness.store.load()).state.principals.find(({ uid }) => uid === cast.memberPrincipal.uid);
    if (row === undefined) throw new Error("There is no such row.");
    await harness.commit([{ table: "principals", row: { ...row, deletedMs: 1 } }]);
    await harness.restart();
    await harness.platform.provisioning.certificateWatch.scan();
    const { items } = await certificates().list(as(cast.administrator), { ...all, uid: row.uid });
    expect(items).toMatchObject([{ status: "revoked", reason: "cessationOfOperation", isCurrent: false }]);
  });
});

describe("revocation lists", () => {
  const listOf = async () => {
    const lists = await certificates().listRevocations(as(cast.memberAccount), cast.memberAccount.mspId, "identity");
    const [list] = lists;
    if (list === undefined) throw new Error("There is no list.");
    return list;
  };

  it("hold what is frozen or revoked at the moment, and their numbers grow", async () => {
    const caller = as(cast.memberAccount);
    const { certificate } = await certificates().enrol(caller, enrolment());
    const first = await listOf();
    expect(first.entryCount).toBe(0);
    await certificates().freeze(caller, certificate);
    const frozen = await listOf();
    expect(parseRevocationList(frozen.pem)).toMatchObject({
      entries: [{ serialNumber: certificate.serialNumber, reason: 6 }],
    });
    await certificates().unfreeze(caller, certificate);
    expect((await listOf()).entryCount).toBe(0);
    await certificates().revoke(caller, certificate, "keyCompromise");
    const revoked = await listOf();
    expect(parseRevocationList(revoked.pem)).toMatchObject({
      entries: [{ serialNumber: certificate.serialNumber, reason: 1 }],
    });
    expect([first.number, frozen.number, revoked.number]).toEqual([1, 2, 4]);
    const { caCertificatePem } = (await harness.store.load()).state.organizations.find(
      ({ mspId }) => mspId === cast.memberAccount.mspId,
    ) ?? { caCertificatePem: "" };
    const verdict = verifyCertificateChain(certificate.certificatePem, {
      authorities: [caCertificatePem],
      crls: [revoked.pem],
      atMs: harness.clock.nowMs(),
    });
    expect(verdict).toMatchObject({ valid: false, reason: "revoked" });
  });

  it("stay the same list under the same number, also over a restart, and are signed anew in time", async () => {
    const first = await listOf();
    harness.clock.advance(3 * 86_400_000);
    expect(await listOf()).toEqual(first);
    await harness.restart();
    const { pem, ...rest } = await listOf();
    const { pem: firstPem, ...firstRest } = first;
    expect(rest).toEqual(firstRest);
    expect(parseRevocationList(pem)).toEqual(parseRevocationList(firstPem));
    harness.clock.advance(86_400_000);
    const later = await listOf();
    expect(later.number).toBe(first.number + 1);
    expect(later.nextUpdateMs).toBe(harness.clock.nowMs() + 7 * 86_400_000);
  });
});

describe("lists", () => {
  it("show a tenant its own, filtered and paged", async () => {
    const caller = as(cast.memberAccount);
    for (const commonName of ["peer0", "peer1", "orderer0"]) {
      await certificates().enrol(
        caller,
        enrolment({ commonName, role: commonName.startsWith("p") ? "peer" : "orderer" }),
      );
    }
    const own = await certificates().list(caller, all);
    expect(own.total).toBe(7);
    expect(new Set(own.items.map(({ mspId }) => mspId))).toEqual(new Set([cast.memberAccount.mspId]));
    expect((await certificates().list(caller, { ...all, role: "peer", commonName: "1" })).items).toMatchObject([
      { commonName: "peer1" },
    ]);
    const pages = [0, 3, 6].map((offset) => certificates().list(caller, { offset, limit: 3 }));
    const paged = (await Promise.all(pages)).flatMap(({ items }) => items);
    expect(paged).toEqual(own.items);
    expect(await codeOf(certificates().list(caller, { offset: 0, limit: 1001 }))).toBe("PAGE_INVALID");
    expect((await certificates().list(caller, { ...all, mspId: cast.stranger.mspId })).total).toBe(0);
    expect((await certificates().list(as(cast.administrator), { ...all, mspId: cast.stranger.mspId })).total).toBe(3);
    expect(await codeOf(certificates().list(as(cast.memberPrincipal), all))).toBe("ACCESS_DENIED");
  });
});
