import { ManualClock, silentLogger, systemRandom } from "@concordat/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Authorizer } from "../access/authorizer.ts";
import type { Caller } from "../ports.ts";
import { codeOf, Harness } from "../testing/harness.ts";
import type { PresentServerCertificate } from "./ports.ts";
import { ServerCertificateService } from "./server-certificate-service.ts";

const dayMs = 86_400_000;
let harness: Harness;
let caller: Caller;
beforeEach(async () => {
  harness = await Harness.start();
  caller = harness.callerOf((await harness.bootstrap()).accessKey.principal);
});
afterEach(() => harness.dispose());

/** A listener whose certificates are valid for 100 days each. */
function service(source: PresentServerCertificate["source"], clock: ManualClock) {
  const { directory } = harness.platform.provisioning;
  let count = 0;
  const next = (): PresentServerCertificate => {
    count += 1;
    return { source, certificatePem: `certificate ${count}`, notAfterMs: clock.nowMs() + 100 * dayMs };
  };
  let present = next();
  const host = {
    present: () => present,
    replace: async () => {
      present = next();
      return present;
    },
  };
  const authorizer = new Authorizer({ directory, clock });
  const dependencies = { directory, authorizer, clock, random: systemRandom, log: silentLogger };
  return new ServerCertificateService({ ...dependencies, host });
}

const rotations = () =>
  harness.store.database
    .selectFrom("auditEntries")
    .select(["uid", "detail"])
    .where("action", "=", "platform:serverCertificate:rotate")
    .execute();

describe("the server's certificate", () => {
  it("is replaced on request, with an entry in the trail", async () => {
    const certificates = service("files", harness.clock);
    expect((await certificates.describe(caller)).certificatePem).toBe("certificate 1");
    expect((await certificates.rotate(caller)).certificatePem).toBe("certificate 2");
    expect((await certificates.describe(caller)).certificatePem).toBe("certificate 2");
    expect(await rotations()).toMatchObject([{ uid: caller.principal.uid }]);
    certificates.close();
  });

  it.each([
    ["own-authority", "certificate 2"],
    ["files", "certificate 1"],
  ] as const)("of source %s is %s once less than 30 days are left", async (source, expected) => {
    const clock = new ManualClock(harness.clock.nowMs());
    const certificates = service(source, clock);
    clock.advance(69 * dayMs);
    await certificates.renewWhenDue();
    expect((await certificates.describe(caller)).certificatePem).toBe("certificate 1");
    clock.advance(2 * dayMs);
    await certificates.renewWhenDue();
    expect((await certificates.describe(caller)).certificatePem).toBe(expected);
    expect(await rotations()).toHaveLength(source === "files" ? 0 : 1);
    certificates.close();
  });

  it("belongs to installation administrators, and is unknown where there is none", async () => {
    const { principal } = await harness.platform.accounts.createAccount(caller, { name: "other" });
    const certificates = service("files", harness.clock);
    expect(await codeOf(certificates.rotate(harness.callerOf(principal)))).toBe("ACCESS_DENIED");
    certificates.close();
    expect(await codeOf(harness.platform.serverCertificate.describe(caller))).toBe("CERTIFICATE_UNKNOWN");
    expect(await codeOf(harness.platform.serverCertificate.rotate(caller))).toBe("CERTIFICATE_UNKNOWN");
  });
});
