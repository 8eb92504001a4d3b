import type { Clock } from "@concordat/base";
import { isBootstrapped } from "../bootstrap.ts";
import type { OpenPlatform } from "../create-platform.ts";
import { areFirstCredentialsWritten } from "../first-credentials.ts";
import { FirstRunPendingError } from "./errors.ts";

const LOOK_EVERY_MS = 200;
const WAIT_MAX_MS = 60_000;

/**
 * Waits until the home server has made what an installation begins with: another server can make no business chain, and two would give
 * the first user two passwords.
 * @throws FirstRunPendingError after a minute
 */
export async function awaitFirstRun(platform: OpenPlatform, { clock }: { readonly clock: Clock }): Promise<void> {
  const { directory } = platform.provisioning;
  const isDone = () => isBootstrapped(directory) && areFirstCredentialsWritten(platform);
  for (let waitedMs = 0; !isDone(); waitedMs += LOOK_EVERY_MS) {
    if (waitedMs >= WAIT_MAX_MS) throw new FirstRunPendingError();
    await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve));
    await directory.refresh();
  }
}
