import type { Handlers } from "@concordat/api-kit";
import type { certificateRoutes } from "../routes/certificates.ts";
import type { NativeContext } from "./context.ts";
import { offsets } from "./paging.ts";

export const certificateHandlers = {
  async enrolCertificate({ certificateRequest, purpose = "identity", ...input }, { platform, caller }) {
    const request = certificateRequest === undefined ? {} : { certificateRequestPem: certificateRequest };
    const { files, ...enrolled } = await platform.certificates.enrol(caller, { ...input, purpose, ...request });
    return files === undefined ? enrolled : { ...enrolled, files: [...files] };
  },
  async enrolPrincipal(input, { platform, caller }) {
    return await platform.certificates.enrolPrincipal(caller, input);
  },
  async listCertificates(query, { platform, caller }) {
    const { total, items } = await platform.certificates.list(caller, offsets(query));
    return { total, certificates: [...items] };
  },
  async getCertificate(id, { platform, caller }) {
    return await platform.certificates.get(caller, id);
  },
  async freezeCertificate(id, { platform, caller }) {
    return await platform.certificates.freeze(caller, id);
  },
  async unfreezeCertificate(id, { platform, caller }) {
    return await platform.certificates.unfreeze(caller, id);
  },
  async renewCertificate(id, { platform, caller }) {
    return await platform.certificates.renew(caller, id);
  },
  async revokeCertificate({ reason = "unspecified", ...id }, { platform, caller }) {
    return await platform.certificates.revoke(caller, id, reason);
  },
  async listCertificateRevocations({ mspId, purpose }, { platform, caller }) {
    const lists = await platform.certificates.listRevocations(caller, mspId, purpose);
    return { revocationLists: [...lists] };
  },
} satisfies Handlers<typeof certificateRoutes, NativeContext>;
