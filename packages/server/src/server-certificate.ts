import { X509Certificate } from "node:crypto";
import type { PresentServerCertificate, ServerCertificateHost } from "@concordat/platform";
import type { TlsKeyPair } from "./tls.ts";

/** The listener's certificate: `issue` gives the next one, `show` puts it before new connections. */
export function createServerCertificateHost(
  source: PresentServerCertificate["source"],
  first: TlsKeyPair,
  steps: { readonly issue: () => Promise<TlsKeyPair>; readonly show: (tls: TlsKeyPair) => void },
): ServerCertificateHost {
  const describe = ({ certificate }: TlsKeyPair): PresentServerCertificate => ({
    source,
    certificatePem: certificate,
    notAfterMs: new X509Certificate(certificate).validToDate.getTime(),
  });
  let present = describe(first);
  return {
    present: () => present,
    async replace() {
      const next = await steps.issue();
      // Described first: an unreadable certificate leaves the present one in place.
      const described = describe(next);
      steps.show(next);
      present = described;
      return present;
    },
  };
}
