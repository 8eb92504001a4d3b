import type { Clock, Logger, RandomSource } from "@concordat/base";
import type { Sealer } from "@concordat/identity";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import type { Directory } from "../directory/directory.ts";
import type { Authorities } from "./authorities.ts";
import type { CurrentCertificates } from "./current.ts";
import type { Issuing } from "./issuing.ts";
import type { Renewal } from "./renewal.ts";

/** What the steps of both rotations use. */
export interface RotationDependencies {
  readonly directory: Directory;
  readonly authorities: Authorities;
  readonly current: CurrentCertificates;
  readonly issuing: Issuing;
  readonly renewal: Renewal;
  readonly steps: Pick<ChannelSteps, "refreshOrganization" | "keysOnChannels">;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}
