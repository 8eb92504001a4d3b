export type { IdentityErrorCode, IdentityFault } from "./errors.ts";
export {
  ed25519PublicKeyFromRaw,
  ed25519PublicKeyToRaw,
  generatePrivateKey,
  type KeyAlgorithm,
  type PrivateKey,
  type PublicKey,
  privateKeyFromDer,
  privateKeyToDer,
  privateKeyToPem,
  publicKeyFromDer,
  publicKeyToDer,
  signMessage,
  verifySignature,
} from "./keys.ts";
export {
  defaultMasterKeyPath,
  loadMasterKey,
  MASTER_KEY_VARIABLE,
  type MasterKey,
  type MasterKeyOptions,
} from "./master-key.ts";
export {
  type CheckpointAlgorithm,
  type CheckpointKey,
  type CheckpointSigner,
  createCheckpointKey,
  createCheckpointSigner,
  createOrganization,
  issuePrincipalCertificate,
  type Organization,
  type OrganizationIdentity,
  type OrganizationPrivateKeys,
} from "./organization.ts";
export { createSealer, type Sealer } from "./sealing.ts";
export {
  generateSm2PrivateKey,
  type Sm2PrivateKey,
  type Sm2PublicKey,
  signSm2,
  sm2PrivateKeyFromDer,
  sm2PrivateKeyToDer,
  sm2PublicKeyToDer,
  verifySm2,
} from "./sm2.ts";
export {
  type CertificateAuthority,
  type CertificateRole,
  createCertificateAuthority,
  type IdentityDependencies,
  issueKeyedCertificate,
  issueKeyedServerCertificate,
  type KeyedCertificate,
  type LeafRequest,
  openCertificateAuthority,
} from "./x509/authority.ts";
export { type ClientCertificate, parseClientCertificate } from "./x509/client-certificate.ts";
export type { DistinguishedName, NameAttribute, NameAttributeType } from "./x509/names.ts";
export { certificateFromPem, derToPem } from "./x509/pem.ts";
