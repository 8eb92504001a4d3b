import type { Handlers } from "@concordat/api-kit";
import type { installationRoutes } from "../routes/installation.ts";
import type { NativeContext } from "./context.ts";

export const installationHandlers = {
  async getMasterKey(_input, { platform, caller }) {
    return await platform.masterKey.describe(caller);
  },
  async rotateMasterKey(_input, { platform, caller }) {
    const { jobId } = await platform.masterKey.rotate(caller);
    return { jobId };
  },
  async forgetEarlierMasterKeys(_input, { platform, caller }) {
    return await platform.masterKey.forgetEarlier(caller);
  },
  async getServerCertificate(_input, { platform, caller }) {
    return await platform.serverCertificate.describe(caller);
  },
  async rotateServerCertificate(_input, { platform, caller }) {
    return await platform.serverCertificate.rotate(caller);
  },
} satisfies Handlers<typeof installationRoutes, NativeContext>;
