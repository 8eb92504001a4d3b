import { accountRoutes } from "./accounts.ts";
import { alarmRoutes } from "./alarms.ts";
import { apiCredentialRoutes } from "./api-credentials.ts";
import { auditRoutes } from "./audit.ts";
import { certificateRoutes } from "./certificates.ts";
import { chainRoutes } from "./chains.ts";
import { channelRoutes } from "./channels.ts";
import { collaborationRoutes } from "./collaboration.ts";
import { contractCallRoutes } from "./contract-calls.ts";
import { contractLifecycleRoutes } from "./contract-lifecycle.ts";
import { contractRoutes } from "./contracts.ts";
import { credentialRoutes } from "./credentials.ts";
import { deviceGroupRoutes } from "./device-groups.ts";
import { deviceIdentityRoutes } from "./device-identities.ts";
import { enterpriseProjectRoutes } from "./enterprise-projects.ts";
import { grantRoutes } from "./grants.ts";
import { groupRoutes } from "./groups.ts";
import { installationRoutes } from "./installation.ts";
import { jobRoutes } from "./jobs.ts";
import { memberRoutes } from "./members.ts";
import { networkChannelRoutes } from "./network-channels.ts";
import { nodeRoutes } from "./network-nodes.ts";
import { networkRoutes } from "./networks.ts";
import { organizationRoutes } from "./organizations.ts";
import { policyRoutes } from "./policies.ts";
import { productRoutes } from "./products.ts";
import { projectRoutes } from "./projects.ts";
import { receiptRoutes } from "./receipts.ts";
import { sessionRoutes } from "./sessions.ts";
import { signingKeyRoutes } from "./signing-keys.ts";
import { tenantRoutes } from "./tenants.ts";
import { userRoutes } from "./users.ts";

/** Every operation of the native API. */
export const routes = {
  ...receiptRoutes,
  ...channelRoutes,
  ...chainRoutes,
  ...memberRoutes,
  ...collaborationRoutes,
  ...accountRoutes,
  ...tenantRoutes,
  ...projectRoutes,
  ...enterpriseProjectRoutes,
  ...userRoutes,
  ...groupRoutes,
  ...policyRoutes,
  ...grantRoutes,
  ...productRoutes,
  ...deviceIdentityRoutes,
  ...deviceGroupRoutes,
  ...installationRoutes,
  ...certificateRoutes,
  ...organizationRoutes,
  ...alarmRoutes,
  ...credentialRoutes,
  ...apiCredentialRoutes,
  ...sessionRoutes,
  ...signingKeyRoutes,
  ...jobRoutes,
  ...auditRoutes,
  ...networkRoutes,
  ...nodeRoutes,
  ...networkChannelRoutes,
  ...contractRoutes,
  ...contractLifecycleRoutes,
  ...contractCallRoutes,
};
