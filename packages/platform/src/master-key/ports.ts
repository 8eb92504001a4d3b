/** Where the installation's master key comes from and how it is changed. Belongs to whoever starts the platform. */
export interface MasterKeySource {
  /** For the operator: the variable's name or the file's path. */
  readonly name: string;
  /** What only the operator can change has no way to do it; the sentence tells how. */
  readonly remedy: string | undefined;
  /** Makes a fresh key the present one: on disk first, then in use. Only without a remedy. */
  introduce(): Promise<void>;
  /** Forgets the earlier keys for good. Only without a remedy. */
  forgetEarlier(): Promise<void>;
}

/** Sealed values that stand elsewhere than in the directory. */
export interface SealedPlace {
  readonly name: string;
  /** Values that an earlier master key sealed. */
  waiting(): Promise<number>;
  /** Seals them anew; again after a crash it goes on with those that are left. */
  reseal(): Promise<void>;
}
