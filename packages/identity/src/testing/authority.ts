import { ManualClock, systemRandom } from "@concordat/base";
import {
  type AuthorityAlgorithm,
  type CertificateAuthority,
  createCertificateAuthority,
  openCertificateAuthority,
} from "../x509/authority.ts";

export const TEST_TIME_MS = Date.UTC(2026, 0, 1);
export const DAY_MS = 86_400_000;

/** An authority of Org1MSP at a clock that the test moves. */
export async function testAuthority(
  algorithm: AuthorityAlgorithm,
  options: { readonly nowMs?: number; readonly name?: string; readonly validDays?: number } = {},
): Promise<{ readonly authority: CertificateAuthority; readonly clock: ManualClock }> {
  const { nowMs = TEST_TIME_MS, name = "Org1MSP", ...rest } = options;
  const clock = new ManualClock(nowMs);
  const dependencies = { clock, random: systemRandom };
  const subject = [
    { type: "O", value: "Example" },
    { type: "CN", value: name },
  ] as const;
  const stored = await createCertificateAuthority(subject, dependencies, { algorithm, ...rest });
  return { authority: openCertificateAuthority(stored, dependencies), clock };
}
