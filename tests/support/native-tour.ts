/** Bodies of earlier answers, by the operation's name; the latest counts. */
export type Made = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface TourStep {
  readonly operation: string;
  readonly input: (made: Made) => Readonly<Record<string, unknown>>;
  /** It starts a job, whose end the next steps need. */
  readonly startsJob?: true;
}

export interface TourOptions {
  readonly chain: { readonly bizChainId: string; readonly bizChainCode: string; readonly channelId: string };
  /** A transaction on the chain's channel, and the key that it wrote. */
  readonly tx: string;
  readonly evidenceKey: string;
  readonly tenantId: string;
  /** PKCS#10, PEM. */
  readonly certificateRequest: string;
  /** Of tests/chaincodes/general, base64. */
  readonly contractPackage: string;
  /** Makes a secret that a caller chooses; each call another. */
  readonly secret: (what: string) => string;
  /** Kept in clear on purpose. */
  readonly description: string;
}

export const at = (made: Made, operation: string, ...path: readonly string[]): string => {
  let value: unknown = made[operation];
  for (const name of path) value = Object(value)[name];
  if (typeof value !== "string") throw new Error(`${operation} answered no ${path.join(".")}.`);
  return value;
};
const nothing = () => ({});
const document = { Version: "1.1", Statement: [{ Effect: "Allow", Action: ["bcs:*:get*"] }] };

/**
 * Calls that use the operations of the native API with success, in an order in which each finds what it needs. Operations that end what
 * the others use come last. Sessions and what races with a job are for the caller; chains are in chain-tour.ts.
 */
export function nativeTour(options: TourOptions): readonly TourStep[] {
  return [
    ...peopleSteps(options),
    ...credentialSteps(options),
    ...pkiSteps(options),
    ...ledgerSteps(options),
    ...networkSteps(),
    ...contractSteps(options),
  ];
}

function peopleSteps({ secret, description, tenantId }: TourOptions): readonly TourStep[] {
  const tenant = () => ({ id: tenantId });
  const shipper = (made: Made) => at(made, "getOrganization", "tenantId");
  const project = (made: Made) => ({ id: at(made, "createProject", "projectId") });
  const enterprise = (made: Made) => ({ id: at(made, "createEnterpriseProject", "enterpriseProjectId") });
  const user = (made: Made) => ({ uid: at(made, "createUser", "uid") });
  const group = (made: Made) => ({ id: at(made, "createGroup", "groupId") });
  const member = (made: Made) => ({ ...group(made), ...user(made) });
  const policy = (made: Made) => ({ id: at(made, "createPolicy", "policyId") });
  const grant = (made: Made) => ({ id: at(made, "createGrant", "grantId") });
  return [
    { operation: "createAccount", input: () => ({ name: "Shipper" }) },
    {
      operation: "createRamUser",
      input: (made) => ({ uid: at(made, "createAccount", "principal", "uid"), name: "truck" }),
    },
    {
      operation: "getOrganization",
      input: (made) => ({ mspId: at(made, "createAccount", "principal", "mspId") }),
    },
    { operation: "listTenants", input: nothing },
    { operation: "getTenant", input: tenant },
    { operation: "updateTenant", input: (made) => ({ id: shipper(made), name: "carrier" }) },
    { operation: "createProject", input: () => ({ name: "spare", description }) },
    { operation: "listProjects", input: nothing },
    { operation: "getProject", input: project },
    { operation: "updateProject", input: (made) => ({ ...project(made), enabled: false }) },
    { operation: "createEnterpriseProject", input: () => ({ name: "cold", description }) },
    { operation: "listEnterpriseProjects", input: nothing },
    { operation: "getEnterpriseProject", input: enterprise },
    { operation: "updateEnterpriseProject", input: (made) => ({ ...enterprise(made), name: "warm" }) },
    { operation: "createUser", input: () => ({ name: "sensor", password: secret("password of createUser") }) },
    { operation: "listUsers", input: nothing },
    { operation: "getUser", input: user },
    { operation: "updateUser", input: (made) => ({ ...user(made), enabled: false }) },
    { operation: "updateUser", input: (made) => ({ ...user(made), enabled: true }) },
    { operation: "createGroup", input: () => ({ name: "field", description }) },
    { operation: "listGroups", input: nothing },
    { operation: "getGroup", input: group },
    { operation: "updateGroup", input: (made) => ({ ...group(made), name: "laboratory" }) },
    { operation: "addGroupMember", input: member },
    { operation: "listGroupMembers", input: group },
    { operation: "createPolicy", input: () => ({ name: "readers", document, description }) },
    { operation: "listPolicies", input: nothing },
    { operation: "getPolicy", input: policy },
    { operation: "updatePolicy", input: (made) => ({ ...policy(made), name: "auditors" }) },
    {
      operation: "createGrant",
      input: (made) => ({
        policyId: policy(made).id,
        granteeKind: "group",
        granteeId: group(made).id,
        scopeKind: "tenant",
      }),
    },
    { operation: "listGrants", input: nothing },
    { operation: "getGrant", input: grant },
    { operation: "deleteGrant", input: grant },
    { operation: "deletePolicy", input: policy },
    { operation: "removeGroupMember", input: member },
    { operation: "deleteGroup", input: group },
    { operation: "deleteProject", input: project },
  ];
}

function credentialSteps({ secret }: TourOptions): readonly TourStep[] {
  const user = (made: Made) => ({ uid: at(made, "createUser", "uid") });
  const accessKey = (made: Made) => ({ id: at(made, "createAccessKey", "accessKey", "accessKeyId") });
  const apiKey = (made: Made) => ({ id: at(made, "createApiKey", "apiKey", "apiKey") });
  const client = (made: Made) => ({ id: at(made, "createOAuthClient", "client", "clientId") });
  const inactive = { active: false };
  return [
    { operation: "setPassword", input: user },
    { operation: "setPassword", input: (made) => ({ ...user(made), password: secret("password of setPassword") }) },
    { operation: "createAccessKey", input: user },
    { operation: "listAccessKeys", input: user },
    { operation: "setAccessKeyActive", input: (made) => ({ ...accessKey(made), ...inactive }) },
    { operation: "deleteAccessKey", input: accessKey },
    { operation: "createApiKey", input: user },
    { operation: "listApiKeys", input: user },
    { operation: "setApiKeyActive", input: (made) => ({ ...apiKey(made), ...inactive }) },
    { operation: "deleteApiKey", input: apiKey },
    {
      operation: "createOAuthClient",
      input: (made) => ({ ...user(made), name: "till", grantTypes: ["password"], scopes: ["tokens.read"] }),
    },
    { operation: "listOAuthClients", input: user },
    { operation: "setOAuthClientActive", input: (made) => ({ ...client(made), ...inactive }) },
    { operation: "deleteOAuthClient", input: client },
    { operation: "listSessions", input: nothing },
    { operation: "listSigningKeys", input: nothing },
    { operation: "rotateSigningKey", input: () => ({ purpose: "oauth" }) },
    { operation: "rotateSigningKey", input: () => ({ purpose: "bif" }) },
  ];
}

function pkiSteps({ certificateRequest }: TourOptions): readonly TourStep[] {
  const organization = (made: Made) => ({ mspId: at(made, "createAccount", "principal", "mspId") });
  const certificate = (made: Made) => {
    const found = at(made, "enrolCertificate", "certificate", "serialNumber");
    return { ...organization(made), purpose: "identity", serialNumber: found };
  };
  const enrolment = (made: Made) => ({ ...organization(made), role: "peer", commonName: "peer0" });
  return [
    { operation: "listOrganizations", input: nothing },
    { operation: "exportOrganizationMsp", input: organization },
    {
      operation: "enrolCertificate",
      input: (made) => ({ ...organization(made), role: "client", commonName: "reader", certificateRequest }),
    },
    {
      operation: "enrolCertificate",
      input: (made) => ({ ...enrolment(made), purpose: "tls", commonName: "peer0.example" }),
    },
    { operation: "enrolCertificate", input: (made) => ({ ...enrolment(made), withFolder: true }) },
    { operation: "enrolPrincipal", input: (made) => ({ uid: at(made, "createRamUser", "principal", "uid") }) },
    { operation: "listCertificates", input: nothing },
    { operation: "getCertificate", input: certificate },
    { operation: "freezeCertificate", input: certificate },
    { operation: "unfreezeCertificate", input: certificate },
    { operation: "renewCertificate", input: certificate },
    { operation: "revokeCertificate", input: certificate },
    { operation: "listCertificateRevocations", input: (made) => ({ ...organization(made), purpose: "identity" }) },
    { operation: "rehearseCertificates", input: () => ({ days: 400 }) },
    { operation: "listAlarms", input: nothing },
    { operation: "getServerCertificate", input: nothing },
    { operation: "rotateServerCertificate", input: nothing },
  ];
}

function ledgerSteps({ chain, tx, evidenceKey }: TourOptions): readonly TourStep[] {
  const channel = () => ({ id: chain.channelId });
  const entry = (made: Made) => {
    const [found] = Object(made["listAuditEntries"])["auditEntries"];
    return { id: String(Object(found).entryId) };
  };
  return [
    { operation: "getReceipt", input: () => ({ tx }) },
    { operation: "findReceipts", input: () => ({ chainCode: chain.bizChainCode, key: evidenceKey }) },
    { operation: "getTrustBundle", input: nothing },
    { operation: "getChannel", input: channel },
    { operation: "getChannelStateHash", input: channel },
    { operation: "getCheckpoint", input: channel },
    { operation: "getConsistencyProof", input: () => ({ ...channel(), from: 0, to: 1 }) },
    { operation: "getMasterKey", input: nothing },
    { operation: "listJobs", input: nothing },
    { operation: "listAuditEntries", input: () => ({ pageSize: 1, action: "iam:user:create" }) },
    { operation: "getAuditEntry", input: entry },
    { operation: "getAuditReceipt", input: entry },
  ];
}

const ORGANIZATION = "TourMSP";

function networkSteps(): readonly TourStep[] {
  const network = () => ({ id: "tour" });
  const orderer = (made: Made) => {
    const nodes: unknown = Object(made["listNodes"])["nodes"];
    const found: unknown = Array.isArray(nodes) ? nodes.find(({ kind }) => kind === "orderer") : undefined;
    return { ...network(), node: String(Object(found)["name"]) };
  };
  return [
    {
      operation: "createNetwork",
      input: () => ({ name: "spare", organizations: ["SpareMSP"] }),
      startsJob: true,
    },
    { operation: "deleteNetwork", input: () => ({ id: "spare" }) },
    {
      operation: "createNetwork",
      input: () => ({ name: "tour", organizations: [ORGANIZATION] }),
      startsJob: true,
    },
    { operation: "listNetworks", input: nothing },
    { operation: "getNetwork", input: network },
    { operation: "listNodes", input: network },
    { operation: "stopNode", input: orderer },
    { operation: "startNode", input: orderer },
    {
      operation: "createChannel",
      input: () => ({ ...network(), channel: "goods", blockCutting: { cutWhenIdle: true }, join: false }),
    },
    { operation: "joinChannel", input: () => ({ id: "goods" }) },
    { operation: "listChannels", input: network },
    {
      operation: "createNetworkConnection",
      input: () => ({ ...network(), organization: ORGANIZATION, commonName: "reader" }),
    },
  ];
}

function contractSteps({ contractPackage, secret }: TourOptions): readonly TourStep[] {
  const which = () => ({ id: "goods", contract: "general" });
  const definition = { ...which(), version: "1.0", sequence: 1 };
  const network = { id: "tour" };
  return [
    { operation: "installContract", input: () => ({ ...network, file: contractPackage }) },
    { operation: "listInstalledContracts", input: () => network },
    {
      operation: "approveContract",
      input: (made) => ({
        ...definition,
        organization: ORGANIZATION,
        packageId: at(made, "installContract", "packageId"),
      }),
    },
    { operation: "checkContractReadiness", input: () => definition },
    { operation: "commitContract", input: () => definition },
    { operation: "listContracts", input: () => ({ id: "goods" }) },
    { operation: "startContract", input: which },
    {
      operation: "invokeContract",
      input: () => ({
        ...which(),
        function: "put",
        args: ["a", "1"],
        transient: { pin: Buffer.from(secret("transient value")).toString("base64") },
      }),
    },
    { operation: "queryContract", input: () => ({ ...which(), function: "get", args: ["a"] }) },
    { operation: "listContractLogs", input: which },
    { operation: "stopContract", input: which },
  ];
}
