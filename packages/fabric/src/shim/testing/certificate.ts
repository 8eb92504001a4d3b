import { systemClock, systemRandom } from "@concordat/base";
import { createCertificateAuthority, issueKeyedCertificate, openCertificateAuthority } from "@concordat/identity";

const dependencies = { clock: systemClock, random: systemRandom };
const stored = await createCertificateAuthority([{ type: "CN", value: "ca.org1" }], dependencies);

export const authority = openCertificateAuthority(stored, dependencies);

const user = await issueKeyedCertificate(authority, {
  role: "client",
  commonName: "user1",
  attributes: { role: "buyer" },
});

/** Of the client whose proposals are executed: Fabric's client attributes are in it. */
export const clientCertificatePem = user.certificatePem;
