export {
  type BidAlgorithm,
  bidIdentityOf,
  bidOfPublicKey,
  bidPrivateKeyFromText,
  bidPrivateKeyText,
  bidPublicKeyFromText,
  bidPublicKeyText,
  ed25519PrivateKeyFromRaw,
  isBid,
} from "./did/bid.ts";
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
  addMasterKey,
  defaultMasterKeyPath,
  dropEarlierMasterKeys,
  loadMasterKey,
  MASTER_KEY_VARIABLE,
  type MasterKey,
  type MasterKeyOptions,
} from "./master-key.ts";
export { type FolderFile, type MspFolderOptions, mspFolder } from "./msp/folder.ts";
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
export { createKeyRing, createSealer, type KeyRing, type Sealer } from "./sealing.ts";
export {
  type CertifiedAlgorithm,
  type CertifiedKey,
  certifiedKeyFromDer,
  certifiedKeyToDer,
  generateSigningKey,
  type SigningKey,
  signingKeyFromDer,
  signingKeyToDer,
  sm2SignatureFromDer,
  sm2SignatureToDer,
} from "./signing-keys.ts";
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
  type AuthorityAlgorithm,
  type CertificateAuthority,
  createCertificateAuthority,
  type IdentityDependencies,
  issueKeyedCertificate,
  issueKeyedServerCertificate,
  type KeyedCertificate,
  type LeafRequest,
  openCertificateAuthority,
  type ServerRequest,
} from "./x509/authority.ts";
export { type ClientCertificate, parseClientCertificate } from "./x509/client-certificate.ts";
export type { RevocationEntry, RevocationListRequest } from "./x509/issue-revocation-list.ts";
export type { DistinguishedName, NameAttribute, NameAttributeType } from "./x509/names.ts";
export { certificateFromPem, derToPem, pemToDer } from "./x509/pem.ts";
export { parseRevocationList, type RevocationList } from "./x509/read-revocation-list.ts";
export {
  isRevocationReason,
  REVOCATION_REASON,
  type RevocationReason,
  type RevocationReasonName,
} from "./x509/revocation-reasons.ts";
export {
  type CertificateRole,
  isCertificateRole,
  NODE_UNITS,
  type NodeRole,
  type NodeUnit,
} from "./x509/roles.ts";
export { parseSigningRequest, type SigningRequest } from "./x509/signing-request.ts";
export { type CertificateSummary, certificateSummary } from "./x509/summary.ts";
export type { ValidDays } from "./x509/validity.ts";
export {
  type CertificateChain,
  type ChainFault,
  type ChainOptions,
  type ChainPlace,
  type ChainQuestion,
  type ChainTrust,
  type ChainVerdict,
  type ChainVerifier,
  createChainVerifier,
  verifyCertificateChain,
} from "./x509/verify-chain.ts";
export {
  type RevocationListFault,
  type RevocationListVerdict,
  verifyRevocationList,
} from "./x509/verify-revocation-list.ts";
