import { silentLogger, systemRandom } from "@concordat/base";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Harness } from "../testing/harness.ts";
import { Authorities } from "./authorities.ts";
import { CurrentCertificates } from "./current.ts";
import { ExpiryAlarms } from "./expiry-alarms.ts";
import { Issuing } from "./issuing.ts";
import { rehearse } from "./rehearsal.ts";
import { Renewal } from "./renewal.ts";
import { watchedCertificates } from "./watched.ts";

const dayMs = 86_400_000;
let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
  await harness.bootstrap();
});
afterEach(() => harness.dispose());

/** As if the listener showed a TLS certificate that ends after so many days. */
function watching(source: "own-authority" | "files", days: number) {
  const { clock, sealer } = harness;
  const { directory } = harness.platform.provisioning;
  const basics = { directory, clock, sealer, random: systemRandom, log: silentLogger };
  const authorities = new Authorities(basics);
  const current = new CurrentCertificates(basics);
  const issuing = new Issuing({ ...basics, authorities, current });
  const renewal = new Renewal({}, { ...basics, authorities, current, issuing });
  const [organization] = directory.table("organizations").all();
  if (organization === undefined) throw new Error("There is no organization.");
  const present = {
    source,
    certificatePem: organization.adminCertificatePem,
    notAfterMs: clock.nowMs() + days * dayMs,
  };
  const listener = { present: () => present, replace: async () => present };
  const watched = () => watchedCertificates({ ...basics, authorities, current, renewal, listener });
  return { watched, authorities, alarms: new ExpiryAlarms({ ...basics, watched }) };
}

const severities = () =>
  harness.platform.provisioning.directory
    .table("alarms")
    .all()
    .filter(({ clearedMs }) => clearedMs === null)
    .map(({ severity, tenantId }) => [severity, tenantId]);

it("warns of the operator's TLS files, to the installation, until they are replaced", async () => {
  const { watched, authorities, alarms } = watching("files", 20);
  await alarms.update();
  expect(severities()).toEqual([["warning", null]]);
  const { stops } = rehearse(watched(), harness.clock.nowMs() + 21 * dayMs, authorities);
  expect(stops).toMatchObject([{ kind: "listener", mspId: null, effect: "Clients refuse to connect to this server." }]);
  await watching("files", 300).alarms.update();
  expect(severities()).toEqual([]);
});

it("leaves the own authority's certificate to the server, unless it has not renewed it in time", async () => {
  const { watched, authorities, alarms } = watching("own-authority", 20);
  await alarms.update();
  expect(severities()).toEqual([]);
  expect(rehearse(watched(), harness.clock.nowMs() + 21 * dayMs, authorities)).toMatchObject({
    stops: [],
    renewed: [{ kind: "listener" }],
  });
  await watching("own-authority", 6).alarms.update();
  expect(severities()).toEqual([["major", null]]);
});
