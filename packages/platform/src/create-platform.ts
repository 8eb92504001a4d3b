import { type Clock, InvariantError, type Logger, type RandomSource } from "@concordat/base";
import type { KeyRing } from "@concordat/identity";
import type { Ledger } from "@concordat/ledger";
import { Authorizer } from "./access/authorizer.ts";
import { AccountsService } from "./accounts/accounts-service.ts";
import type { AuditChannel } from "./audit/audit-channel.ts";
import type { AuditOptions, AuditOutbox } from "./audit/audit-outbox.ts";
import { noticingStore } from "./audit/noticing-store.ts";
import { openAudit } from "./audit/open-audit.ts";
import { type AuthenticationOptions, AuthenticationService } from "./authentication/authentication-service.ts";
import { PasswordHasher } from "./authentication/password-hasher.ts";
import { BidsService } from "./bids/bids-service.ts";
import { Authorities } from "./certificates/authorities.ts";
import { recordMissingCertificates } from "./certificates/backfill.ts";
import { Creators } from "./certificates/creators.ts";
import type { ExpiryWatch } from "./certificates/expiry-watch.ts";
import { openCertificates } from "./certificates/open-certificates.ts";
import type { RenewalOptions } from "./certificates/renewal.ts";
import { RevocationLists } from "./certificates/revocation-lists.ts";
import { type ChainOptions, ChainsService, defaultChainOptions } from "./chains/chains-service.ts";
import { ChannelSteps } from "./chains/channel-steps.ts";
import { createCollaboration } from "./collaboration/create-collaboration.ts";
import type { ControlStore } from "./control-store/port.ts";
import { createCredentials } from "./credentials/create-credentials.ts";
import { DeviceProductsService } from "./device-products/device-products-service.ts";
import { DeviceGate } from "./devices/device-gate.ts";
import { DeviceGroupsService } from "./devices/groups-service.ts";
import { DeviceIdentitiesService } from "./devices/identities-service.ts";
import { Directory } from "./directory/directory.ts";
import { EvidenceService } from "./evidence/evidence-service.ts";
import { QuotaGate } from "./evidence/quota-gate.ts";
import { IdempotencyService } from "./idempotency/idempotency-service.ts";
import { IdempotencyStore } from "./idempotency/idempotency-store.ts";
import { answersPlace } from "./idempotency/sealed-answers.ts";
import { installationSetting } from "./installation.ts";
import { type JobOptions, JobsService } from "./jobs/jobs-service.ts";
import { ChannelTrust } from "./ledger/channel-trust.ts";
import { directoryPlace } from "./master-key/directory-place.ts";
import { MasterKeyService } from "./master-key/master-key-service.ts";
import type { MasterKeySource, SealedPlace } from "./master-key/ports.ts";
import { MembersService } from "./members/members-service.ts";
import { elsewhereFabricHost, type FabricHost, noFabricHost } from "./networks/fabric-host.ts";
import { installationCaller } from "./networks/installation-caller.ts";
import { openNetworks } from "./networks/open-networks.ts";
import { type NodeEndpoint, nodeEndpoints } from "./networks/views.ts";
import type { Platform } from "./ports.ts";
import { ReceiptsService } from "./receipts/receipts-service.ts";
import { CallNonceStore } from "./replay/call-nonce-store.ts";
import { type CallNonceOptions, MemoryCallNonces } from "./replay/call-nonces.ts";
import { ReplayedWrites } from "./replay/replayed-writes.ts";
import type { ServerCertificateHost } from "./server-certificate/ports.ts";
import { ServerCertificateService } from "./server-certificate/server-certificate-service.ts";
import {
  completeTenants,
  createTenancy,
  defaultTenancyOptions,
  type TenancyOptions,
} from "./tenancy/create-tenancy.ts";
import { TokenIssuerService } from "./token-issuer/token-issuer-service.ts";
import { type TokenOptions, TokensService } from "./tokens/tokens-service.ts";

export interface PlatformOptions {
  readonly tenancy?: Partial<TenancyOptions>;
  readonly chains?: Partial<ChainOptions>;
  readonly nonces?: CallNonceOptions;
  readonly certificates?: RenewalOptions;
  readonly jobs?: Partial<JobOptions>;
  readonly audit?: Partial<AuditOptions>;
  readonly authentication?: AuthenticationOptions;
  readonly tokens?: TokenOptions;
}

export interface PlatformDependencies {
  /** Open; belongs to the caller, who closes it after the platform's last use. */
  readonly ledger: Ledger;
  /** Another server keeps the ledger: nothing is resumed on it here, and every call of it may be refused. */
  readonly ledgerIsElsewhere?: boolean;
  /** Runs the nodes and contracts of networks; belongs to the caller, who closes it after the platform. Without it networks are refused. */
  readonly fabric?: FabricHost;
  /** Open, with the installation id in it; belongs to the caller too. */
  readonly store: ControlStore;
  readonly sealer: KeyRing;
  /** What the program around the platform keeps itself: its master key, its listener's certificate, sealed files. */
  readonly host: PlatformHost;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: Logger;
}

export interface PlatformHost {
  readonly masterKey: MasterKeySource;
  /** Sealed values outside the control store. */
  readonly sealedPlaces: readonly SealedPlace[];
  readonly serverCertificate?: ServerCertificateHost;
  /** Other servers use the same control store. */
  readonly sharesStore: boolean;
}

/** A platform that is ready, with what the first run needs beside it. */
export interface OpenPlatform extends Platform {
  /** Another server keeps the ledger. */
  readonly ledgerIsElsewhere: boolean;
  readonly provisioning: {
    readonly directory: Directory;
    readonly authorizer: Authorizer;
    readonly accounts: AccountsService;
    readonly chains: ChainsService;
    readonly bids: BidsService;
    readonly certificateWatch: ExpiryWatch;
    /** Brings the audit trail to the ledger. */
    readonly auditOutbox: AuditOutbox;
    readonly auditChannel: AuditChannel;
    /** Nodes of networks that shall run here, and where they listen. */
    networkEndpoints(): readonly NodeEndpoint[];
  };
  /** Ends what runs in the background. Store and ledger are closed afterwards, by their owner. */
  close(): Promise<void>;
}

/**
 * Opens the platform over a control store and a ledger: reads the directory, unlocks the channels, finishes what a crash left half
 * done. One process at a time.
 * @throws ConcordatError SEALED_WITH_OTHER_KEY when the master key is not the one that the store was made with
 */
export async function createPlatform(options: PlatformOptions, given: PlatformDependencies): Promise<OpenPlatform> {
  let onAudit = () => {};
  const dependencies = { ...given, store: noticingStore(given.store, () => onAudit()) };
  const { ledger, store, clock } = dependencies;
  await using background = new AsyncDisposableStack();
  const directory = await Directory.load(dependencies);
  const authorizer = new Authorizer({ directory, clock });
  const installationId = directory.setting(installationSetting);
  if (installationId === undefined) throw new InvariantError("The control store has no installation id.");
  const trust = new ChannelTrust({ ledger });
  const authorities = new Authorities({ ...dependencies, directory });
  const revocationLists = new RevocationLists({ directory, authorities, clock });
  const steps = new ChannelSteps(
    { installationId },
    {
      ...dependencies,
      directory,
      trust,
      revocationLists,
      configured: (channelId) => (dependencies.fabric ?? noFabricHost).configured(channelId),
    },
  );
  if (dependencies.ledgerIsElsewhere !== true) await steps.resume();
  const audit = openAudit(options.audit ?? {}, {
    ...dependencies,
    database: store.database,
    directory,
    steps,
    authorizer,
  });
  background.defer(() => audit.outbox.close());
  onAudit = () => audit.outbox.wake();
  const nonces = new MemoryCallNonces(options.nonces ?? {}, {
    clock,
    store: new CallNonceStore({ database: store.database, clock }),
  });
  const replayedWrites = await ReplayedWrites.start(dependencies, nonces);
  const quotas = new QuotaGate({ ledger });
  const creators = new Creators({ directory, clock });
  const deviceGate = new DeviceGate({ ...dependencies, directory });
  const evidence = new EvidenceService({
    ledger,
    directory,
    authorizer,
    trust,
    creators,
    replayedWrites,
    quotas,
    deviceGate,
    clock,
  });
  const chainOptions = { ...defaultChainOptions, ...options.chains };
  const chains = new ChainsService(chainOptions, { ...dependencies, directory, authorizer, steps });
  const tenancyOptions = { ...defaultTenancyOptions, ...options.tenancy };
  const accounts = new AccountsService(tenancyOptions, { ...dependencies, directory, authorizer });
  const tokens = new TokensService(options.tokens ?? {}, { ...dependencies, directory, database: store.database });
  const passwords = new PasswordHasher(options.authentication ?? {}, dependencies);
  const authentication = new AuthenticationService(options.authentication ?? {}, {
    ...dependencies,
    directory,
    tokens,
    passwords,
  });
  background.defer(() => authentication.close());
  const credentials = createCredentials({
    ...dependencies,
    directory,
    authorizer,
    tokens,
    passwords,
    authentication,
  });
  const tenancy = createTenancy({
    ...dependencies,
    directory,
    authorizer,
    accounts,
    database: store.database,
    hashPassword: (password, userName) => credentials.passwords.hashFirst(password, userName),
  });
  await completeTenants(tenancyOptions, { ...dependencies, directory, authorizer });
  const bids = new BidsService({ ...dependencies, directory });
  const serverCertificate = new ServerCertificateService({
    ...dependencies,
    host: dependencies.host.serverCertificate,
    authorizer,
    directory,
  });
  background.defer(() => serverCertificate.close());
  const jobs = new JobsService(
    { soleRunner: !dependencies.host.sharesStore, ...options.jobs },
    {
      ...dependencies,
      database: store.database,
      ...(dependencies.host.sharesStore ? { databaseTime: store.databaseTime } : {}),
      authorizer,
      onAudit,
    },
  );
  // After the jobs, which may be starting nodes.
  let closeNodes = async () => {};
  background.defer(() => closeNodes());
  background.defer(() => jobs.close());
  await recordMissingCertificates({ ...dependencies, directory });
  let onNodeCertificates = () => {};
  const { certificates, organizations, alarms, watch, issuing } = openCertificates(options.certificates ?? {}, {
    ...dependencies,
    directory,
    authorizer,
    authorities,
    revocationLists,
    steps,
    jobs,
    listener: dependencies.host.serverCertificate,
    onNodeCertificates: () => onNodeCertificates(),
  });
  background.defer(() => watch.close());
  const { host, sealer: keyRing } = dependencies;
  const masterKey = new MasterKeyService({
    ...dependencies,
    source: host.masterKey,
    keyRing,
    places: [
      directoryPlace({ directory, keyRing }),
      answersPlace({ store: new IdempotencyStore(store.database), keyRing }),
      ...host.sealedPlaces,
    ],
    isShared: host.sharesStore,
    jobs,
    authorizer,
    directory,
  });
  const { networks, runner, resume } = openNetworks({
    ...dependencies,
    host: dependencies.ledgerIsElsewhere === true ? elsewhereFabricHost(ledger) : (dependencies.fabric ?? noFabricHost),
    directory,
    authorizer,
    authorities,
    issuing,
    revocationLists,
    creators,
    steps,
    jobs,
  });
  onNodeCertificates = () => void runner.reconcile();
  closeNodes = () => runner.close();
  // Every kind is registered by now.
  jobs.open();
  // Where the ledger's home is, its certificates are looked after.
  if (dependencies.ledgerIsElsewhere !== true) {
    watch.start();
    // Nodes run where the ledger is, and a start does not wait for them.
    await resume((uid) => installationCaller(uid, directory));
    void runner.startAll();
  }
  // What was started so far goes on until the platform is closed.
  const running = background.move();
  return {
    installationId,
    ledgerIsElsewhere: dependencies.ledgerIsElsewhere === true,
    evidence,
    collaboration: createCollaboration({
      ...dependencies,
      directory,
      authorizer,
      creators,
      replayedWrites,
      quotas,
      deviceGate,
      steps,
    }),
    chains,
    members: new MembersService({ ...dependencies, directory, authorizer, steps }),
    accounts,
    receipts: new ReceiptsService({ ledger, directory, authorizer, trust, evidence }),
    nonces,
    tenancy,
    devices: new DeviceGroupsService({ ...dependencies, directory, authorizer }),
    deviceProducts: new DeviceProductsService({ ...dependencies, directory, authorizer }),
    deviceIdentities: new DeviceIdentitiesService({ ...dependencies, directory, authorizer }),
    authentication,
    tokens,
    credentials,
    jobs,
    audit: audit.trail,
    certificates,
    organizations,
    alarms,
    masterKey,
    serverCertificate,
    tokenIssuer: new TokenIssuerService({ installationId }, { ...dependencies, directory, authorizer }),
    bids,
    networks,
    idempotency: new IdempotencyService({ ...dependencies, database: store.database }),
    findAccessKey: (accessKeyId) => directory.accessKey(accessKeyId),
    provisioning: {
      directory,
      authorizer,
      accounts,
      chains,
      bids,
      certificateWatch: watch,
      auditOutbox: audit.outbox,
      auditChannel: audit.channel,
      networkEndpoints: () => (dependencies.ledgerIsElsewhere === true ? [] : nodeEndpoints(directory)),
    },
    close: () => running.disposeAsync(),
  };
}
