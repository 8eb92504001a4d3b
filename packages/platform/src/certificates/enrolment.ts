import { isIP } from "node:net";
import { type CertifiedKey, derToPem, parseSigningRequest, signingKeyToDer } from "@concordat/identity";
import { auditEntry } from "../audit/audit-entry.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import { refusingRequests } from "./authorities.ts";
import type { CurrentCertificates } from "./current.ts";
import { type Issuing, type IssuingDependencies, replacing } from "./issuing.ts";
import { exportMspFiles, type MspExportDependencies } from "./msp-export.ts";
import { type Enrolled, type Enrolment, enrolmentRoles } from "./ports.ts";
import { certificateName } from "./records.ts";
import { toCertificate } from "./views.ts";

export interface EnrolmentDependencies extends IssuingDependencies, MspExportDependencies {
  readonly directory: Directory;
  readonly current: CurrentCertificates;
  readonly issuing: Issuing;
}

const bounds = { validDays: 3650, hosts: 32, attributes: 32, attributeCharacters: 128 } as const;

/**
 * Issues a certificate by name: with a key made here, which is answered once and kept sealed, or for the key of a request.
 * @throws PlatformError CERTIFICATE_REQUEST_INVALID saying what is wrong; CERTIFICATE_STATE_REFUSED when the authority has expired
 */
export async function enrol(caller: Caller, input: Enrolment, dependencies: EnrolmentDependencies): Promise<Enrolled> {
  const { directory, authorities, current, issuing } = dependencies;
  const publicKey = await refusingRequests(async () => checkEnrolment(input));
  const { mspId, purpose, role, commonName, attributes, validDays = 365 } = input;
  const hosts = purpose === "tls" ? [...new Set([commonName, ...(input.hosts ?? [])])] : [];
  const named = attributes === undefined ? {} : { attributes };
  const subject = { mspId, purpose, role, commonName, uid: null, hosts, validDays, ...named };
  const { key, ...enrolled } = await refusingRequests(() =>
    directory.change(async () => {
      const { record, key } = await issuing.issue(subject, publicKey);
      // The organization's own administrator stays what its row says, whoever else takes its name.
      const replaced = current.ofName(record).filter((row) => !current.isOrganizationAdmin(row));
      const resource = { kind: "certificate", id: certificateName(record) };
      const detail = { role, commonName, notAfterMs: record.notAfterMs, keyMadeHere: key !== undefined };
      const audit = [auditEntry(caller, { action: "pki:certificate:create", resource, detail }, dependencies)];
      const result = {
        key,
        certificate: toCertificate(record, current),
        privateKeyPem: key === undefined ? null : derToPem("PRIVATE KEY", signingKeyToDer(key)),
        authorityPem: authorities.present(mspId, purpose).certificatePem,
      };
      return { changes: replacing(replaced, record), audit, result };
    }),
  );
  if (input.withFolder !== true) return enrolled;
  const privateKey = key === undefined ? {} : { privateKeyDer: signingKeyToDer(key) };
  const identity = { certificatePem: enrolled.certificate.certificatePem, ...privateKey };
  return { ...enrolled, files: await exportMspFiles(mspId, identity, dependencies) };
}

/** @returns the key to certify, when it was made elsewhere */
function checkEnrolment(input: Enrolment): CertifiedKey | undefined {
  const { purpose, role, commonName, hosts = [], attributes = {}, validDays = 365, certificateRequestPem } = input;
  const roles: readonly string[] = enrolmentRoles[purpose];
  requireThat(roles.includes(role), `A certificate for ${purpose} has one of the roles ${roles.join(", ")}.`);
  requireThat(
    Number.isFinite(validDays) && validDays >= 1 && validDays <= bounds.validDays,
    `The validity is 1 to ${bounds.validDays} days.`,
  );
  requireThat(purpose === "tls" || hosts.length === 0, "An identity has no hosts.");
  requireThat(hosts.length <= bounds.hosts, `A certificate names at most ${bounds.hosts} hosts.`);
  if (purpose === "tls") {
    for (const host of [commonName, ...hosts])
      requireThat(isHost(host), `"${host.slice(0, 80)}" is no DNS name or address.`);
  }
  requireThat(purpose === "identity" || input.withFolder !== true, "Only an identity has an MSP folder.");
  const entries = Object.entries(attributes);
  requireThat(purpose === "identity" || entries.length === 0, "A TLS certificate has no attributes.");
  requireThat(entries.length <= bounds.attributes, `A certificate has at most ${bounds.attributes} attributes.`);
  for (const [name, value] of entries)
    requireThat(isAttribute(name, value), "An attribute's name or value is malformed.");
  return certificateRequestPem === undefined ? undefined : parseSigningRequest(certificateRequestPem).publicKey;
}

function isHost(text: string): boolean {
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
  if (isIP(text) !== 0) return !text.includes("%");
  return (
    text.length <= 253 &&
    text
      .replace(/^\*\./, "")
      .split(".")
      .every((part) => label.test(part))
  );
}

/** `tenant` and `principal` are what principals' certificates say of themselves: nobody enrols into their name. */
function isAttribute(name: string, value: string): boolean {
  const isOurs = name === "tenant" || name === "principal";
  return (
    /^[A-Za-z0-9._-]{1,64}$/.test(name) &&
    !isOurs &&
    value.length <= bounds.attributeCharacters &&
    !/\p{Cc}/u.test(value)
  );
}

function requireThat(condition: boolean, summary: string): asserts condition {
  if (!condition) throw new PlatformError("CERTIFICATE_REQUEST_INVALID", summary);
}
