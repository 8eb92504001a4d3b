import { base64ToBytes, bytesToBase64, bytesToUtf8, isConcordatError, utf8ToBytes } from "@concordat/base";
import type { KeyRing, Sealer } from "@concordat/identity";
import { sealingPurposes } from "../directory/sealing-purposes.ts";
import { PlatformError } from "../errors.ts";
import type { SealedPlace } from "../master-key/ports.ts";
import type { IdempotencyStore } from "./idempotency-store.ts";

/** Earlier releases kept answers as JSON and requests as hex, which cannot begin like this. */
const SEALED = "sealed:";

/** Whose entry it is: what is moved to another key does not open there. */
interface EntryPlace {
  readonly principalUid: string;
  readonly key: string;
}

const answerPurpose = ({ principalUid, key }: EntryPlace) => sealingPurposes.idempotentAnswer(principalUid, key);
const requestPurpose = ({ principalUid, key }: EntryPlace) => sealingPurposes.idempotentRequest(principalUid, key);

export function sealAnswer(place: EntryPlace, response: unknown, sealer: Sealer): string {
  return seal(answerPurpose(place), JSON.stringify(response), sealer);
}

/** @throws PlatformError IDEMPOTENCY_CONFLICT when the key that sealed it is gone: the call was carried out and must not run again */
export function openAnswer(place: EntryPlace, text: string, sealer: Sealer): unknown {
  return JSON.parse(isSealed(text) ? open(answerPurpose(place), text, sealer) : text);
}

/** Whoever had the bare hash of a request with a password in it could try out passwords as fast as hashes are made. */
export function sealRequestHash(place: EntryPlace, requestHash: string, sealer: Sealer): string {
  return seal(requestPurpose(place), requestHash, sealer);
}

/** @throws PlatformError IDEMPOTENCY_CONFLICT when the key that sealed it is gone: whether it was the same call cannot be told */
export function openRequestHash(place: EntryPlace, text: string, sealer: Sealer): string {
  return isSealed(text) ? open(requestPurpose(place), text, sealer) : text;
}

/** The kept entries, for a change of the master key. */
export function answersPlace(dependencies: {
  readonly store: IdempotencyStore;
  readonly keyRing: KeyRing;
}): SealedPlace {
  const { store, keyRing } = dependencies;
  const isWaiting = (text: string | undefined) =>
    text !== undefined && isSealed(text) && !keyRing.isCurrent(envelopeOf(text));
  const waiting = async () =>
    (await store.sealed()).filter(({ requestHash, response }) => isWaiting(requestHash) || isWaiting(response));
  const anew = (purpose: string, text: string) =>
    isWaiting(text) ? sealBytes(purpose, keyRing.open(purpose, envelopeOf(text)), keyRing) : text;
  return {
    name: "answers of repeatable calls",
    waiting: async () => (await waiting()).length,
    async reseal() {
      for (const entry of await waiting()) {
        const { requestHash, response } = entry;
        await store.replaceSealed(entry, {
          requestHash: anew(requestPurpose(entry), requestHash),
          response: response === undefined ? undefined : anew(answerPurpose(entry), response),
        });
      }
    },
  };
}

function seal(purpose: string, text: string, sealer: Sealer): string {
  return sealBytes(purpose, utf8ToBytes(text), sealer);
}

function sealBytes(purpose: string, bytes: Uint8Array, sealer: Sealer): string {
  return SEALED + bytesToBase64(sealer.seal(purpose, bytes));
}

function open(purpose: string, text: string, sealer: Sealer): string {
  try {
    return bytesToUtf8(sealer.open(purpose, envelopeOf(text)));
  } catch (cause) {
    if (!isConcordatError(cause, "SEALED_WITH_OTHER_KEY")) throw cause;
    const summary = "There was a call under this key before, but the master key that it was kept under is gone.";
    throw new PlatformError("IDEMPOTENCY_CONFLICT", summary, { cause });
  }
}

function isSealed(text: string): boolean {
  return text.startsWith(SEALED);
}

function envelopeOf(text: string): Uint8Array {
  return base64ToBytes(text.slice(SEALED.length));
}
