/** Where the installation's master key comes from and how it is changed. Belongs to whoever starts the platform. */
export interface MasterKeySource {
  /** For the operator: the variable's name or the file's path. */
  readonly name: string;
  /** How many keys there are: the present one and earlier ones. */
  keyCount(): Promise<number>;
  /**
   * Makes a fresh key the present one: on disk first, then in use.
   * @throws PlatformError ROTATION_REFUSED when the key came from the environment, which only the operator can change
   */
  introduce(): Promise<void>;
  /** Forgets the earlier keys for good. @throws PlatformError ROTATION_REFUSED as above */
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
