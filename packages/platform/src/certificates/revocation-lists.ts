import type { Clock } from "@concordat/base";
import { parseRevocationList } from "@concordat/identity";
import type { CertificateRow, ControlChange } from "../control-store/rows.ts";
import type { Directory } from "../directory/directory.ts";
import type { Authorities, KnownAuthority } from "./authorities.ts";
import type { CertificatePurpose, RevocationListFile } from "./ports.ts";

export interface RevocationListsDependencies {
  readonly directory: Directory;
  readonly authorities: Authorities;
  readonly clock: Clock;
}

/** What a list is a function of, beside the rows: kept, so that after a restart the same number stands for the same list. */
interface ListState {
  readonly number: number;
  readonly updatedMs: number;
}

const dayMs = 86_400_000;
const validDays = 7;
/** A list is signed anew halfway through its validity, so that one that was fetched is good for some days at least. */
const renewAfterMs = (validDays * dayMs) / 2;

/**
 * The certificate revocation lists of the organizations' authorities, retired ones included.
 *
 * Invariants: an authority's list number grows with every change and never stands for two lists. A list that is answered holds every
 * certificate that is frozen or revoked at that moment, and its nextUpdate lies ahead.
 */
export class RevocationLists {
  readonly #dependencies: RevocationListsDependencies;
  readonly #certificatesOf: (mspId: string) => CertificateRow[];
  readonly #signed = new Map<string, RevocationListFile>();

  constructor(dependencies: RevocationListsDependencies) {
    this.#dependencies = dependencies;
    this.#certificatesOf = dependencies.directory.table("certificates").index((row) => row.mspId);
  }

  /** What is written together with a change of a certificate's status: the next number of its authority's list. */
  numberChanges(row: CertificateRow): ControlChange[] {
    const issuer = this.#dependencies.authorities.issuerOf(row);
    return issuer === undefined ? [] : [this.#nextNumber(issuer)];
  }

  /** One list for each authority that the organization has or had for this purpose, the present one's first. */
  async all(mspId: string, purpose: CertificatePurpose): Promise<RevocationListFile[]> {
    const lists: RevocationListFile[] = [];
    for (const authority of this.#dependencies.authorities.all(mspId, purpose)) {
      if (authority.standing !== "next") lists.push(await this.#current(authority));
    }
    return lists;
  }

  async #current(authority: KnownAuthority): Promise<RevocationListFile> {
    const state = await this.#freshState(authority);
    const known = this.#signed.get(authority.fingerprint);
    if (known?.number === state.number) return known;
    const list = await this.#sign(authority, state);
    this.#signed.set(authority.fingerprint, list);
    return list;
  }

  async #freshState(authority: KnownAuthority): Promise<ListState> {
    const { directory, clock } = this.#dependencies;
    const isFresh = (state: ListState | undefined) =>
      state !== undefined && clock.nowMs() - state.updatedMs < renewAfterMs ? state : undefined;
    const known = isFresh(this.#state(authority));
    if (known !== undefined) return known;
    await directory.change(async () => {
      const changes = isFresh(this.#state(authority)) === undefined ? [this.#nextNumber(authority)] : [];
      return { changes, result: undefined };
    });
    return this.#state(authority) ?? { number: 1, updatedMs: clock.nowMs() };
  }

  async #sign(authority: KnownAuthority, state: ListState): Promise<RevocationListFile> {
    const { authorities } = this.#dependencies;
    const entries = this.#certificatesOf(authority.mspId)
      .filter(
        (row) =>
          row.purpose === authority.purpose &&
          row.status !== "good" &&
          row.notAfterMs > state.updatedMs - validDays * dayMs,
      )
      .filter((row) => authorities.issuerOf(row)?.fingerprint === authority.fingerprint)
      .map(({ serialNumber, statusMs, reason }) => ({ serialNumber, revokedAtMs: statusMs, reason: reason ?? 0 }));
    const opened = authorities.open(authority, { nowMs: () => state.updatedMs });
    const pem = await opened.revocationList({ number: BigInt(state.number), entries, validDays });
    const { thisUpdateMs, nextUpdateMs } = parseRevocationList(pem);
    return {
      authority: authority.fingerprint,
      isRetired: authority.standing === "retired",
      number: state.number,
      thisUpdateMs,
      nextUpdateMs: nextUpdateMs ?? state.updatedMs + validDays * dayMs,
      entryCount: entries.length,
      pem,
    };
  }

  #nextNumber(authority: KnownAuthority): ControlChange {
    const state = this.#state(authority);
    const updatedMs = this.#dependencies.clock.nowMs();
    const next: ListState = { number: (state?.number ?? 0) + 1, updatedMs };
    return { table: "settings", row: { name: settingOf(authority), value: JSON.stringify(next) } };
  }

  #state(authority: KnownAuthority): ListState | undefined {
    const text = this.#dependencies.directory.setting(settingOf(authority));
    // Written by this class alone.
    return text === undefined ? undefined : (JSON.parse(text) as ListState);
  }
}

function settingOf({ fingerprint }: KnownAuthority): string {
  return `revocation-list/${fingerprint}`;
}
