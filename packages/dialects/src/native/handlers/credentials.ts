import type { Handlers } from "@concordat/api-kit";
import type { OAuthClientSummary } from "@concordat/platform";
import type { apiCredentialRoutes } from "../routes/api-credentials.ts";
import type { credentialRoutes } from "../routes/credentials.ts";
import type { NativeContext } from "./context.ts";

export const credentialHandlers = {
  async setPassword(input, { platform, caller }) {
    return { ...(await platform.credentials.passwords.set(caller, input)) };
  },
  async createAccessKey(input, { platform, caller }) {
    const { accessKey, secret } = await platform.credentials.accessKeys.create(caller, input);
    return { accessKey, accessKeySecret: secret };
  },
  async listAccessKeys({ uid }, { platform, caller }) {
    return { accessKeys: [...platform.credentials.accessKeys.list(caller, uid)] };
  },
  async setAccessKeyActive(input, { platform, caller }) {
    await platform.credentials.accessKeys.setActive(caller, input);
    return {};
  },
  async deleteAccessKey({ accessKeyId }, { platform, caller }) {
    await platform.credentials.accessKeys.delete(caller, accessKeyId);
    return {};
  },
} satisfies Handlers<typeof credentialRoutes, NativeContext>;

export const apiCredentialHandlers = {
  async createApiKey(input, { platform, caller }) {
    const { apiKey, secret } = await platform.credentials.apiKeys.create(caller, input);
    return { apiKey, apiSecret: secret };
  },
  async listApiKeys({ uid }, { platform, caller }) {
    return { apiKeys: [...platform.credentials.apiKeys.list(caller, uid)] };
  },
  async setApiKeyActive(input, { platform, caller }) {
    await platform.credentials.apiKeys.setActive(caller, input);
    return {};
  },
  async deleteApiKey({ apiKey }, { platform, caller }) {
    await platform.credentials.apiKeys.delete(caller, apiKey);
    return {};
  },
  async createOAuthClient(input, { platform, caller }) {
    const { client, secret } = await platform.credentials.oauthClients.create(caller, input);
    return { client: toWire(client), clientSecret: secret };
  },
  async listOAuthClients({ uid }, { platform, caller }) {
    return { clients: platform.credentials.oauthClients.list(caller, uid).map(toWire) };
  },
  async setOAuthClientActive(input, { platform, caller }) {
    await platform.credentials.oauthClients.setActive(caller, input);
    return {};
  },
  async deleteOAuthClient({ clientId }, { platform, caller }) {
    await platform.credentials.oauthClients.delete(caller, clientId);
    return {};
  },
} satisfies Handlers<typeof apiCredentialRoutes, NativeContext>;

function toWire({ grantTypes, scopes, ...client }: OAuthClientSummary) {
  return { ...client, grantTypes: [...grantTypes], scopes: [...scopes] };
}
