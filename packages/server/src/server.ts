import type { Clock, FileSystem, Logger, RandomSource } from "@concordat/base";
import { createKeyRing, type KeyRing, loadMasterKey, type MasterKey, type Sealer } from "@concordat/identity";
import type { PlatformHost, PlatformOptions } from "@concordat/platform";
import type { BootstrapFile } from "./bootstrap/bootstrap-file.ts";
import { completeFirstRun } from "./bootstrap/first-run.ts";
import { type DataFolder, dataFolderAt } from "./data-folder/layout.ts";
import { lockDataFolder } from "./data-folder/lock.ts";
import { makeDataFolder } from "./data-folder/make.ts";
import { databasePlace } from "./database-address.ts";
import type { NetworkOptions } from "./fabric-host.ts";
import { type Listener, type ListenerLimits, listen } from "./http/listener.ts";
import { openInstallation } from "./installation.ts";
import { createMasterKeySource } from "./master-key-source.ts";
import { createServerCertificateHost } from "./server-certificate.ts";
import { authorityKeyPlace, issueOwnCertificate, isWildcard, readTlsFiles, type TlsKeyPair } from "./tls.ts";
import { VERSION } from "./version.ts";

export interface ServerOptions {
  readonly dataDirectory: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The region that the vendor APIs report. */
  readonly region: string;
  /** The one region of the Huawei API, which is also the name of the project that a tenant begins with; by default cn-north-4. */
  readonly huaweiRegion?: string;
  /** Audit entries that are on the ledger leave the control store after so many days; by default they stay. */
  readonly auditKeptDays?: number;
  readonly transport:
    | { readonly kind: "http" | "tls-own" }
    | { readonly kind: "tls-files"; readonly certificateFile: string; readonly privateKeyFile: string };
  readonly masterKeyFile?: string;
  /** Address of a PostgreSQL database for the control store, which other servers may share; it may hold a password. */
  readonly database?: string;
  /** Where other servers send clients whose call only this one can answer; by default the address that it listens on. */
  readonly advertisedUrl?: string;
  readonly limits?: Partial<ListenerLimits>;
  readonly networks?: NetworkOptions;
}

export interface ServerDependencies {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly fileSystem: FileSystem;
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly processId: number;
}

export interface RunningServer {
  readonly version: string;
  /** Base address, without a slash at its end. */
  readonly url: string;
  readonly folder: DataFolder;
  readonly bootstrap: BootstrapFile;
  readonly masterKeySource: string;
  readonly masterKeyCreated: boolean;
  readonly usesOwnAuthority: boolean;
  /** Of the control store, without secrets, when it is not in the data folder. */
  readonly databasePlace?: string;
  /** Another server keeps the ledger. */
  readonly ledgerIsElsewhere: boolean;
  /** The nodes of networks that this server runs, each with the address that it listens on. */
  readonly networks: readonly { readonly network: string; readonly node: string; readonly endpoint: string }[];
  /** Finishes the requests in flight (at most 10 s), closes the ledger, gives the data folder free. */
  close(): Promise<void>;
}

const DRAIN_TIMEOUT_MS = 10_000;

/**
 * Starts a server: data folder and lock, master key, listener (which says "starting"), control store, ledger, first run, routes. What
 * was started is ended again when a later step fails, so a start has all of its effects or leaves only a resumable first run.
 * @throws ConcordatError with a sentence for the operator: a locked folder, a taken port, a missing or wrong master key
 */
export async function startServer(options: ServerOptions, dependencies: ServerDependencies): Promise<RunningServer> {
  const folder = dataFolderAt(options.dataDirectory);
  await using started = new AsyncDisposableStack();
  await makeDataFolder(folder, dependencies.fileSystem);
  started.adopt(lockDataFolder(folder, dependencies), (lock) => lock.release());
  const masterKey = await loadMasterKey(
    {
      environment: dependencies.environment,
      dataDirectory: folder.directory,
      createIfMissing: await isNew(folder, dependencies),
      ...(options.masterKeyFile === undefined ? {} : { filePath: options.masterKeyFile }),
    },
    dependencies,
  );
  const sealer = createKeyRing(masterKey.keys, dependencies);
  const issueTls = () => tlsOf(options, folder, { ...dependencies, sealer });
  const tls = await issueTls();
  const listener = await listen(
    { host: options.host, port: options.port, ...(tls && { tls }), ...(options.limits && { limits: options.limits }) },
    dependencies,
  );
  const host = hostOf({ options, folder, masterKey, keyRing: sealer, tls, issueTls, listener }, dependencies);
  let isListening = true;
  const stopListening = async () => {
    if (!isListening) return;
    isListening = false;
    const { cut } = await listener.close(DRAIN_TIMEOUT_MS);
    if (cut) dependencies.log.warn("requests were cut off", { afterMs: DRAIN_TIMEOUT_MS });
  };
  started.defer(stopListening);
  const loadApplication = () => import("./http/application.ts");
  const url = urlOf(options.host, listener.port, tls !== undefined);
  const installation = await openInstallation(
    {
      folder,
      url: options.advertisedUrl ?? url,
      platform: platformOptions(options),
      ...(options.database && { database: options.database }),
      fabric: {
        host: options.host,
        ...options.networks,
        directory: folder.fabric,
        dataDirectory: folder.directory,
        masterKeyFile: masterKey.filePath,
      },
    },
    { ...dependencies, sealer, host },
    loadApplication,
  );
  started.defer(() => installation.close());
  const bootstrap = await completeFirstRun(
    { folder, url, region: options.region },
    installation.platform,
    dependencies,
  );
  const { createApplication } = await loadApplication();
  const application = await createApplication(options, installation, dependencies);
  started.defer(() => application.close());
  // Ends last what started first, except that no request may come in any more while the rest ends.
  started.defer(stopListening);
  listener.serve(application.handle);
  const running = started.move();
  return {
    version: VERSION,
    url,
    folder,
    bootstrap,
    masterKeySource: masterKey.source,
    masterKeyCreated: masterKey.created,
    usesOwnAuthority: options.transport.kind === "tls-own",
    ...(options.database && { databasePlace: databasePlace(options.database) }),
    ledgerIsElsewhere: installation.ledgerIsElsewhere,
    networks: installation.platform.provisioning.networkEndpoints(),
    close: () => running.disposeAsync(),
  };
}

/** A folder in which no server has begun an installation. */
async function isNew({ controlStore, serverId }: DataFolder, { fileSystem }: ServerDependencies): Promise<boolean> {
  return !(await fileSystem.exists(controlStore)) && !(await fileSystem.exists(serverId));
}

function platformOptions({ huaweiRegion, auditKeptDays }: ServerOptions): PlatformOptions {
  return {
    ...(huaweiRegion === undefined ? {} : { tenancy: { projectName: huaweiRegion } }),
    ...(auditKeptDays === undefined ? {} : { audit: { keptMs: auditKeptDays * 86_400_000 } }),
  };
}

/** What the platform may ask of this program: another master key, another certificate. */
function hostOf(
  parts: {
    readonly options: ServerOptions;
    readonly folder: DataFolder;
    readonly masterKey: MasterKey;
    readonly keyRing: KeyRing;
    readonly tls: TlsKeyPair | undefined;
    readonly issueTls: () => Promise<TlsKeyPair | undefined>;
    readonly listener: Listener;
  },
  dependencies: ServerDependencies,
): PlatformHost {
  const { options, folder, masterKey, keyRing, tls, issueTls, listener } = parts;
  const source = options.transport.kind === "tls-files" ? "files" : "own-authority";
  return {
    sharesStore: options.database !== undefined,
    masterKey: createMasterKeySource(masterKey, { ...dependencies, keyRing }),
    sealedPlaces: [authorityKeyPlace(folder, { ...dependencies, keyRing })],
    ...(tls && {
      serverCertificate: createServerCertificateHost(source, tls, {
        issue: async () => (await issueTls()) ?? tls,
        show: (next) => listener.replaceCertificate(next),
      }),
    }),
  };
}

async function tlsOf(
  options: ServerOptions,
  folder: DataFolder,
  dependencies: ServerDependencies & { readonly sealer: Sealer },
): Promise<TlsKeyPair | undefined> {
  const { transport } = options;
  if (transport.kind === "http") return undefined;
  if (transport.kind === "tls-files") return await readTlsFiles(dependencies.fileSystem, transport);
  return await issueOwnCertificate(options.host, folder, dependencies);
}

/** A wildcard address is none that a client could call: then the loopback name stands in the URL. */
function urlOf(host: string, port: number, tls: boolean): string {
  const name = isWildcard(host) ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `${tls ? "https" : "http"}://${name}:${port}`;
}
