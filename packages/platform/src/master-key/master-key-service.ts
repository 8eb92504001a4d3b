import type { Clock, RandomSource } from "@concordat/base";
import type { KeyRing } from "@concordat/identity";
import type { Authorizer } from "../access/authorizer.ts";
import { auditEntry } from "../audit/audit-entry.ts";
import type { AuditEntryTable } from "../control-store/schema.ts";
import type { Directory } from "../directory/directory.ts";
import { PlatformError } from "../errors.ts";
import type { Job, JobKind, Jobs } from "../jobs/ports.ts";
import type { Caller } from "../ports.ts";
import type { MasterKeySource, SealedPlace } from "./ports.ts";

export interface MasterKeyDependencies {
  readonly source: MasterKeySource;
  readonly keyRing: KeyRing;
  readonly places: readonly SealedPlace[];
  /** Whether other servers read the same control store: they would not have a key that this one makes. */
  readonly isShared: boolean;
  readonly jobs: Jobs;
  readonly authorizer: Authorizer;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export interface MasterKeyStatus {
  readonly source: string;
  /** The present one and earlier ones. */
  readonly keyCount: number;
  /** Rows and files that an earlier key sealed. */
  readonly waitingCount: number;
}

const resource = { kind: "masterKey", id: "installation" };

/**
 * Changes the master key of a running installation: a fresh key is put before the old one where the key is kept, then everything is sealed
 * anew. Until the earlier keys are forgotten, which is a step of its own because other data folders may use the same key
 * file, both open; so a crash at any point leaves an installation that starts.
 */
export class MasterKeyService {
  readonly #dependencies: MasterKeyDependencies;
  readonly #rotation: JobKind<{ readonly introduce: boolean }>;

  constructor(dependencies: MasterKeyDependencies) {
    this.#dependencies = dependencies;
    const { source, places } = dependencies;
    this.#rotation = {
      kind: "master-key-rotation",
      steps: [
        {
          name: "introduce",
          async run({ input, output, save }) {
            // A second run after a crash would add a third key, which does no harm; a recorded one does not run again.
            if (!input.introduce || output["introduced"] === true) return;
            await source.introduce();
            await save({ introduced: true });
          },
        },
        ...places.map((place) => ({ name: `reseal ${place.name}`, run: () => place.reseal() })),
      ],
    };
    dependencies.jobs.register(this.#rotation);
  }

  async describe(caller: Caller): Promise<MasterKeyStatus> {
    const { authorizer, source, keyRing } = this.#dependencies;
    authorizer.require(caller, "platform:masterKey:get", { ...resource, tenantId: null });
    return { source: source.name, keyCount: keyRing.keyCount, waitingCount: await this.#waitingCount() };
  }

  /**
   * Begins the rotation. What an earlier key still seals is sealed with the present one first: that key may be new already, given by the operator or
   * made for another data folder with the same key file. Otherwise a fresh key is made.
   * @throws PlatformError ROTATION_REFUSED when a fresh key is needed and cannot be made here
   */
  async rotate(caller: Caller): Promise<Job> {
    const { authorizer, source, jobs } = this.#dependencies;
    authorizer.require(caller, "platform:masterKey:rotate", { ...resource, tenantId: null });
    const introduce = (await this.#waitingCount()) === 0;
    if (introduce) this.#requireIntroducible();
    return jobs.start({
      kind: this.#rotation,
      caller,
      resource: { ...resource, name: source.name },
      input: { introduce },
      audit: [this.#entry(caller, "platform:masterKey:rotate")],
    });
  }

  #requireIntroducible(): void {
    const { source, isShared } = this.#dependencies;
    if (source.remedy !== undefined) {
      throw new PlatformError("ROTATION_REFUSED", `The master key comes from ${source.name}.`, {
        remedy: source.remedy,
      });
    }
    if (isShared) {
      throw new PlatformError(
        "ROTATION_REFUSED",
        "Several servers share the control store and need the new key first.",
        {
          remedy:
            "Put the new key before the old one where each server reads it, restart them one by one, then rotate.",
        },
      );
    }
  }

  /** @throws PlatformError ROTATION_REFUSED while an earlier key's seal is still somewhere */
  async forgetEarlier(caller: Caller): Promise<MasterKeyStatus> {
    const { authorizer, source, directory } = this.#dependencies;
    authorizer.require(caller, "platform:masterKey:rotate", { ...resource, tenantId: null });
    const waitingCount = await this.#waitingCount();
    if (waitingCount > 0) {
      throw new PlatformError("ROTATION_REFUSED", "Some values are still sealed with an earlier key.", {
        remedy: "Rotate first and wait until the job has ended.",
        facts: { waitingCount },
      });
    }
    if (source.remedy !== undefined) {
      throw new PlatformError("ROTATION_REFUSED", `The master key comes from ${source.name}.`, {
        remedy: source.remedy,
      });
    }
    await source.forgetEarlier();
    const audit = [this.#entry(caller, "platform:masterKey:forgetEarlier")];
    await directory.change(async () => ({ changes: [], audit, result: undefined }));
    return this.describe(caller);
  }

  async #waitingCount(): Promise<number> {
    const counts = await Promise.all(this.#dependencies.places.map((place) => place.waiting()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  #entry(caller: Caller, action: string): AuditEntryTable {
    return auditEntry(caller, { action, resource }, this.#dependencies);
  }
}
