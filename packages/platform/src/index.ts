export { isName, isRemark } from "./access/names.ts";
export type { PolicyDocument, PolicyStatement } from "./access/policy-document.ts";
export type * from "./audit/ports.ts";
export type * from "./authentication/ports.ts";
export type { Bids } from "./bids/bids-service.ts";
export { type BootstrapOptions, type BootstrapResult, bootstrapInstallation } from "./bootstrap.ts";
export type { MspFile } from "./certificates/msp-export.ts";
export type { OrganizationView } from "./certificates/organizations-service.ts";
export * from "./certificates/ports.ts";
export type { Rehearsal } from "./certificates/rehearsal.ts";
export type { ChainOptions } from "./chains/chains-service.ts";
export type * from "./collaboration/ports.ts";
export type { ControlStore } from "./control-store/port.ts";
export { openPostgresControlStore, type PostgresOptions } from "./control-store/postgres/open-postgres.ts";
export { openSqliteControlStore } from "./control-store/sqlite/open-sqlite.ts";
export {
  createPlatform,
  type OpenPlatform,
  type PlatformDependencies,
  type PlatformHost,
  type PlatformOptions,
} from "./create-platform.ts";
export type * from "./credentials/ports.ts";
export type * from "./device-products/ports.ts";
export type * from "./devices/ports.ts";
export { PlatformError } from "./errors.ts";
export {
  areFirstCredentialsWritten,
  type FirstCredentials,
  makeFirstCredentials,
  recordFirstCredentialsWritten,
} from "./first-credentials.ts";
export { ensureInstallationId } from "./installation.ts";
export type * from "./jobs/ports.ts";
export type { MasterKeySource, SealedPlace } from "./master-key/ports.ts";
export type * from "./members/ports.ts";
export type { FabricHost } from "./networks/fabric-host.ts";
export type * from "./networks/ports.ts";
export * from "./ports.ts";
export type { PresentServerCertificate, ServerCertificateHost } from "./server-certificate/ports.ts";
export { DirectoryRefresh } from "./servers/directory-refresh.ts";
export { awaitFirstRun } from "./servers/first-run.ts";
export { findLedger, type LedgerPlace } from "./servers/ledger-home.ts";
export { defaultTenancyOptions } from "./tenancy/create-tenancy.ts";
export type * from "./tenancy/ports.ts";
export * from "./token-issuer/ports.ts";
