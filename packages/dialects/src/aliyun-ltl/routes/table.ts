import { chainRoutes } from "./chains.ts";
import { collaborationAccessRoutes } from "./collaboration-access.ts";
import { collaborationModelRoutes } from "./collaboration-models.ts";
import { collaborationRecordRoutes } from "./collaboration-records.ts";
import { collaborationUploadRoutes } from "./collaboration-uploads.ts";
import { deviceGroupRoutes } from "./device-groups.ts";
import { deviceRoutes } from "./devices.ts";
import { evidenceRoutes } from "./evidence.ts";
import { historyRoutes } from "./history.ts";
import { memberListRoutes } from "./member-lists.ts";
import { memberRoutes } from "./members.ts";
import { signedEvidenceRoutes } from "./signed-evidence.ts";

/** Every action of this API that is built. */
export const routes = {
  ...memberRoutes,
  ...memberListRoutes,
  ...deviceGroupRoutes,
  ...deviceRoutes,
  ...chainRoutes,
  ...evidenceRoutes,
  ...signedEvidenceRoutes,
  ...historyRoutes,
  ...collaborationModelRoutes,
  ...collaborationAccessRoutes,
  ...collaborationUploadRoutes,
  ...collaborationRecordRoutes,
};
