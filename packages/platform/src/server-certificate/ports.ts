/** The certificate that the listener shows, and how it is replaced. Belongs to whoever listens. */
export interface ServerCertificateHost {
  /** Undefined when the listener speaks plain HTTP. */
  present(): PresentServerCertificate | undefined;
  /**
   * Puts another certificate in its place: from the installation's own authority a new one with a new key, or what the operator's files
   * hold now. Connections that are open go on; new ones show the new certificate.
   */
  replace(): Promise<PresentServerCertificate>;
}

export interface PresentServerCertificate {
  /** `own-authority`: renewed by the server itself. `files`: renewed by the operator. */
  readonly source: "own-authority" | "files";
  readonly certificatePem: string;
  readonly notAfterMs: number;
}
