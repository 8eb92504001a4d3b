import { certificateSummary } from "@concordat/identity";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AlarmRow, CertificateRow } from "../control-store/rows.ts";
import type { Principal } from "../ports.ts";
import { type Cast, codeOf, createCast, Harness, keyOf } from "../testing/harness.ts";
import type { Certificate, Enrolment } from "./ports.ts";
import { certificateRequestPem } from "./request.fixture.ts";

const dayMs = 86_400_000;
const all = { offset: 0, limit: 100 };
let harness: Harness;
let cast: Cast;
beforeEach(async () => {
  harness = await Harness.start();
  cast = await createCast(harness);
});
afterEach(() => harness.dispose());

const as = (principal: Principal) => harness.callerOf(principal);
const certificates = () => harness.platform.certificates;
const rows = async (): Promise<readonly CertificateRow[]> => (await harness.store.load()).state.certificates;

/** Lets the time pass at once, timers of seconds would take long over years, and then the scan look. */
async function pass(days: number): Promise<void> {
  vi.spyOn(harness.clock, "nowMs").mockReturnValue(harness.clock.nowMs() + days * dayMs);
  await harness.platform.provisioning.certificateWatch.scan();
}

async function enrolled(more: Partial<Enrolment> = {}): Promise<Certificate> {
  const input: Enrolment = {
    mspId: cast.memberAccount.mspId,
    purpose: "identity",
    role: "peer",
    commonName: "peer0",
    ...more,
  };
  return (await certificates().enrol(as(cast.memberAccount), input)).certificate;
}

const openAlarms = async (caller: Principal = cast.memberAccount) =>
  (await harness.platform.alarms.list(as(caller), { ...all, openOnly: true })).items;
const severities = (alarms: readonly AlarmRow[]) => alarms.map(({ severity }) => severity);

describe("renewal", () => {
  it("renews an enrolled certificate thirty days before its end, with the same key and everything else as it was", async () => {
    const attributes = { department: "logistics" };
    const first = await enrolled({ attributes, validDays: 365 });
    await pass(334);
    expect((await rows()).filter(({ commonName }) => commonName === "peer0")).toHaveLength(1);
    await pass(1.5);
    const renewed = (await rows()).filter(({ commonName }) => commonName === "peer0");
    expect(renewed).toHaveLength(2);
    const [old, now] = renewed.sort((a, b) => a.notAfterMs - b.notAfterMs);
    const [before, after] = [old, now].map((row) => certificateSummary(row?.certificatePem ?? ""));
    expect(before?.serialNumber).toBe(first.serialNumber);
    expect(after?.subjectKeyIdentifier).toBe(before?.subjectKeyIdentifier);
    expect({ ...after?.attributes }).toEqual(attributes);
    expect([after?.role, after?.subject]).toEqual([before?.role, before?.subject]);
    expect((after?.notAfterMs ?? 0) - harness.clock.nowMs()).toBe(365 * dayMs);
    expect(await openAlarms()).toEqual([]);
    await harness.platform.provisioning.certificateWatch.scan();
    expect((await rows()).filter(({ commonName }) => commonName === "peer0")).toHaveLength(2);
  });

  it("renews TLS certificates with their hosts", async () => {
    const hosts = ["10.0.0.7", "peer0"];
    await enrolled({ purpose: "tls", commonName: "peer0.example.com", hosts, validDays: 30 });
    await pass(21);
    const tls = (await rows()).filter(({ purpose }) => purpose === "tls");
    const texts = tls.map(({ certificatePem }) => certificateSummary(certificatePem).hosts);
    expect(texts).toEqual([
      ["peer0.example.com", ...hosts],
      ["peer0.example.com", ...hosts],
    ]);
  });

  it("gives a principal a new key, and its writes go on", async () => {
    const { uid } = cast.memberPrincipal;
    const first = await certificates().enrolPrincipal(as(cast.memberAccount), { uid, validDays: 60 });
    await pass(45);
    const { directory } = harness.platform.provisioning;
    const creator = directory.creator(uid);
    expect(creator.certificatePem).not.toBe(first.certificatePem);
    const identifiers = [first, creator].map((each) => certificateSummary(each.certificatePem).subjectKeyIdentifier);
    expect(new Set(identifiers).size).toBe(2);
    const input = { chainCode: cast.member.chain.bizChainCode, key: keyOf(cast.member, 1), value: "v" };
    await pass(20);
    await harness.platform.evidence.set(cast.memberPrincipal, input, harness.nonce());
  });

  it("leaves frozen certificates alone", async () => {
    const certificate = await enrolled({ validDays: 60 });
    await certificates().freeze(as(cast.memberAccount), certificate);
    await pass(58);
    expect((await rows()).filter(({ commonName }) => commonName === "peer0")).toHaveLength(1);
    expect(severities(await openAlarms())).toEqual(["major"]);
  });

  it("happens on request too, where the key is here", async () => {
    const certificate = await enrolled();
    const renewed = await certificates().renew(as(cast.memberAccount), certificate);
    expect(renewed.serialNumber).not.toBe(certificate.serialNumber);
    expect(await codeOf(certificates().renew(as(cast.memberAccount), await enrolled({ certificateRequestPem })))).toBe(
      "CERTIFICATE_STATE_REFUSED",
    );
    expect(await codeOf(certificates().renew(as(cast.stranger), certificate))).toBe("ACCESS_DENIED");
  });

  it("runs by itself at the start and every hour, and ends with the platform", async () => {
    await enrolled({ validDays: 3 });
    harness.clock.advance(2.5 * dayMs);
    await harness.platform.provisioning.certificateWatch.scan();
    expect((await rows()).filter(({ commonName }) => commonName === "peer0").length).toBeGreaterThan(1);
    await harness.platform.close();
    harness.clock.advance(10 * dayMs);
  });

  it("finds a replayed write that carried the certificate before", async () => {
    const call = harness.nonce();
    const input = { chainCode: cast.member.chain.bizChainCode, key: keyOf(cast.member, 2), value: "v" };
    const attach = () => harness.platform.evidence.attach(cast.memberPrincipal, input, call);
    await harness.platform.evidence.set(cast.memberPrincipal, input, harness.nonce());
    await attach();
    await certificates().enrolPrincipal(as(cast.memberAccount), { uid: cast.memberPrincipal.uid });
    await harness.restart();
    expect(await codeOf(attach())).toBe("CALL_REPLAYED");
  });
});

describe("alarms", () => {
  it("are raised at thirty, seven and one days for what the server cannot renew, each once", async () => {
    const certificate = await enrolled({ certificateRequestPem, validDays: 100 });
    await pass(69);
    expect(await openAlarms()).toEqual([]);
    const seen: string[] = [];
    for (const days of [1.5, 0.5, 21.5, 1, 6, 2, 5]) {
      await pass(days);
      seen.push(severities(await openAlarms()).join());
    }
    expect(seen).toEqual(["warning", "warning", "warning", "major", "critical", "critical", "critical"]);
    const { items } = await harness.platform.alarms.list(as(cast.memberAccount), all);
    expect(severities(items).sort()).toEqual(["critical", "major", "warning"]);
    expect(items[0]).toMatchObject({ kind: "certificate-expiry", severity: "critical", clearedMs: null });
    expect(items[0]?.message).toContain("peer certificate peer0");
    await certificates().revoke(as(cast.memberAccount), certificate, "superseded");
    await pass(0);
    expect(await openAlarms()).toEqual([]);
  });

  it("are cleared when a new certificate of the same name was enrolled", async () => {
    await enrolled({ certificateRequestPem, validDays: 20 });
    await pass(1);
    expect(severities(await openAlarms())).toEqual(["warning"]);
    await enrolled({ certificateRequestPem, validDays: 365 });
    await pass(0);
    expect(await openAlarms()).toEqual([]);
  });

  it("come for authorities, and are shown to the tenant and the installation's administrator", async () => {
    await pass(20 * 365.25 - 20);
    const alarms = await openAlarms();
    expect(new Set(severities(alarms))).toEqual(new Set(["warning"]));
    expect(alarms.map(({ resource }) => resource.split("/")[0]).sort()).toContain("authority");
    const { mspId } = cast.memberAccount;
    expect(alarms.every(({ resource }) => resource.includes(mspId))).toBe(true);
    expect((await openAlarms(cast.administrator)).length).toBeGreaterThan(alarms.length);
    expect(await codeOf(openAlarms(cast.memberPrincipal))).toBe("ACCESS_DENIED");
  });

  it("are logged", async () => {
    const lines: string[] = [];
    const record = (message: string) => lines.push(message);
    await harness.dispose();
    harness = await Harness.start({}, { info: record, warn: record, error: record });
    cast = await createCast(harness);
    await enrolled({ certificateRequestPem, validDays: 20 });
    await pass(1);
    expect(lines).toContain("alarm raised");
  });
});

describe("the rehearsal", () => {
  const rehearse = (days: number, caller: Principal = cast.memberAccount) =>
    certificates().rehearseExpiry(as(caller), { days });

  it("tells what stops, for whom and what to do, from what the server renews", async () => {
    await enrolled({ commonName: "peer0", validDays: 90 });
    await enrolled({ commonName: "peer1", validDays: 90, certificateRequestPem });
    const { uid } = cast.memberPrincipal;
    await certificates().enrolPrincipal(as(cast.memberAccount), { uid, validDays: 90 });
    expect(await rehearse(89)).toMatchObject({ stops: [], renewed: [] });
    const { stops, renewed } = await rehearse(91);
    expect(stops).toMatchObject([
      {
        kind: "certificate",
        commonName: "peer1",
        role: "peer",
        users: [{ kind: "node", id: "peer1" }],
        isRenewedHere: false,
      },
    ]);
    expect(stops[0]?.expiresMs).toBe(harness.clock.nowMs() + 90 * dayMs);
    expect(stops[0]?.remedy).toContain("request");
    expect(renewed.map(({ users }) => users).sort((a, b) => a.length - b.length)).toEqual([
      [{ kind: "node", id: "peer0" }],
      [
        { kind: "principal", id: uid },
        { kind: "channel", id: cast.member.chain.channelId },
      ],
    ]);
  });

  it("says true: what it says stops does stop, and what it says is renewed goes on", async () => {
    const { uid } = cast.memberPrincipal;
    const certificate = await certificates().enrolPrincipal(as(cast.memberAccount), { uid, validDays: 90 });
    const write = (id: number) => {
      const input = { chainCode: cast.member.chain.bizChainCode, key: keyOf(cast.member, id), value: "v" };
      return codeOf(harness.platform.evidence.set(cast.memberPrincipal, input, harness.nonce()));
    };
    expect((await rehearse(91)).stops).toEqual([]);
    await certificates().freeze(as(cast.memberAccount), certificate);
    const { stops } = await rehearse(91);
    expect(stops).toMatchObject([
      { users: [{ kind: "principal", id: uid }, {}], remedy: expect.stringContaining("Unfreeze") },
    ]);
    await certificates().unfreeze(as(cast.memberAccount), certificate);
    await pass(80);
    await pass(11);
    expect(await write(1)).toMatchObject({ answered: {} });
  });

  it("does not renew beyond an authority's end", async () => {
    await enrolled({ validDays: 90 });
    const years = 20 * 365.25 + 1;
    const { stops, renewed } = await rehearse(years);
    expect(renewed).toEqual([]);
    const peer = stops.find(({ commonName }) => commonName === "peer0");
    expect(peer).toMatchObject({ remedy: expect.stringContaining("rotate"), isRenewedHere: false });
    const authorities = stops.filter(({ kind }) => kind === "authority");
    expect(authorities).toHaveLength(2);
    expect(peer?.expiresMs).toBe(authorities[0]?.expiresMs);
  });

  it("shows a tenant its own", async () => {
    const years = 20 * 365.25 + 1;
    const { stops } = await rehearse(years);
    expect(new Set(stops.map(({ mspId }) => mspId))).toEqual(new Set([cast.memberAccount.mspId]));
    const everything = await rehearse(years, cast.administrator);
    expect(everything.stops.length).toBeGreaterThan(stops.length);
    expect(await codeOf(rehearse(1, cast.memberPrincipal))).toBe("ACCESS_DENIED");
  });
});
