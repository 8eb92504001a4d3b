import type { Handlers } from "@concordat/api-kit";
import type { signingKeyRoutes } from "../routes/signing-keys.ts";
import type { NativeContext } from "./context.ts";

export const signingKeyHandlers = {
  async listSigningKeys(_input, { platform, caller }) {
    return { signingKeys: [...platform.tokenIssuer.keys(caller)] };
  },
  async rotateSigningKey({ purpose }, { platform, caller }) {
    return platform.tokenIssuer.rotate(caller, purpose);
  },
} satisfies Handlers<typeof signingKeyRoutes, NativeContext>;
