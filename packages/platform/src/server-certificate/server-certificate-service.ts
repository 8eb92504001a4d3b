import type { Clock, Logger, RandomSource } from "@concordat/base";
import type { Authorizer } from "../access/authorizer.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { Caller } from "../ports.ts";
import type { PresentServerCertificate, ServerCertificateHost } from "./ports.ts";

export interface ServerCertificateDependencies {
  readonly host: ServerCertificateHost | undefined;
  readonly authorizer: Authorizer;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

const RENEW_BEFORE_MS = 30 * 86_400_000;
const LOOK_EVERY_MS = 3_600_000;
const resource = { kind: "serverCertificate", id: "listener" };

/** The listener's TLS certificate: looked at, replaced on request, and renewed in time where the installation's own authority issued it. */
export class ServerCertificateService {
  readonly #dependencies: ServerCertificateDependencies;
  #cancelTimer: () => void = () => undefined;
  #isClosed = false;

  constructor(dependencies: ServerCertificateDependencies) {
    this.#dependencies = dependencies;
    this.#lookLater();
  }

  /** @throws PlatformError CERTIFICATE_UNKNOWN when the server speaks plain HTTP */
  async describe(caller: Caller): Promise<PresentServerCertificate> {
    this.#dependencies.authorizer.require(caller, "platform:serverCertificate:get", { ...resource, tenantId: null });
    const present = this.#dependencies.host?.present();
    if (present === undefined) throw noCertificate();
    return present;
  }

  /** @throws PlatformError CERTIFICATE_UNKNOWN as above */
  async rotate(caller: Caller): Promise<PresentServerCertificate> {
    const { host, authorizer } = this.#dependencies;
    authorizer.require(caller, "platform:serverCertificate:rotate", { ...resource, tenantId: null });
    if (host?.present() === undefined) throw noCertificate();
    const replaced = await host.replace();
    await this.#record(caller, replaced);
    return replaced;
  }

  /** Replaces an own certificate that is about to expire. */
  async renewWhenDue(): Promise<void> {
    const { host, clock, log } = this.#dependencies;
    const present = host?.present();
    if (host === undefined || present?.source !== "own-authority") return;
    if (present.notAfterMs - clock.nowMs() > RENEW_BEFORE_MS) return;
    const replaced = await host.replace();
    log.info("renewed the server's certificate", { notAfterMs: replaced.notAfterMs });
    await this.#record(undefined, replaced);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  #lookLater(): void {
    const { clock, log } = this.#dependencies;
    this.#cancelTimer = clock.after(LOOK_EVERY_MS, () => {
      this.renewWhenDue()
        .catch((error: unknown) =>
          log.error("the server's certificate could not be renewed", { reason: String(error) }),
        )
        .finally(() => {
          if (!this.#isClosed) this.#lookLater();
        });
    });
  }

  async #record(caller: Caller | undefined, { source, notAfterMs }: PresentServerCertificate): Promise<void> {
    const event = { action: "platform:serverCertificate:rotate", resource, detail: { source, notAfterMs } };
    const audit = [auditEntry(caller, event, this.#dependencies)];
    await this.#dependencies.directory.change(async () => ({ changes: [], audit, result: undefined }));
  }
}

function noCertificate(): PlatformError {
  return new PlatformError("CERTIFICATE_UNKNOWN", "The server speaks plain HTTP and shows no certificate.");
}
