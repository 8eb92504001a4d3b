import type { Clock, Logger, RandomSource } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { Authorizer } from "../access/authorizer.ts";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import type { Directory } from "../directory/directory.ts";
import type { Jobs } from "../jobs/ports.ts";
import type { ServerCertificateHost } from "../server-certificate/ports.ts";
import { PkiAccess } from "./access.ts";
import { AlarmsService } from "./alarms-service.ts";
import type { Authorities } from "./authorities.ts";
import { authorityRotation } from "./authority-rotation.ts";
import { CertificatesService } from "./certificates-service.ts";
import { checkpointKeyRotation } from "./checkpoint-key-rotation.ts";
import { CurrentCertificates } from "./current.ts";
import { ExpiryAlarms } from "./expiry-alarms.ts";
import { ExpiryWatch } from "./expiry-watch.ts";
import { Issuing } from "./issuing.ts";
import { OrganizationsService } from "./organizations-service.ts";
import { Renewal, type RenewalOptions } from "./renewal.ts";
import type { RevocationLists } from "./revocation-lists.ts";
import { watchedCertificates } from "./watched.ts";

export interface OpenCertificatesDependencies {
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly authorities: Authorities;
  readonly revocationLists: RevocationLists;
  readonly steps: ChannelSteps;
  readonly jobs: Jobs;
  readonly listener: ServerCertificateHost | undefined;
  /** Called when certificates of nodes may have been issued anew. */
  readonly onNodeCertificates: () => void;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

/** Puts together what has to do with certificates. The watch is not started. */
export function openCertificates(options: RenewalOptions, dependencies: OpenCertificatesDependencies) {
  const access = new PkiAccess(dependencies);
  const current = new CurrentCertificates(dependencies);
  const issuing = new Issuing({ ...dependencies, current });
  const renewal = new Renewal(options, { ...dependencies, current, issuing });
  const parts = { ...dependencies, access, current, issuing, renewal };
  const certificates = new CertificatesService(parts);
  const organizations = new OrganizationsService({
    ...parts,
    authorityRotation: authorityRotation(parts),
    checkpointKeyRotation: checkpointKeyRotation(parts),
  });
  const alarms = new ExpiryAlarms({ ...dependencies, watched: () => watchedCertificates(parts) });
  const watch = new ExpiryWatch({ ...parts, alarms });
  return { certificates, organizations, alarms: new AlarmsService(dependencies), watch, issuing };
}
