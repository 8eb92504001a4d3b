import { type AccessKeysDependencies, AccessKeysService } from "./access-keys-service.ts";
import { ApiKeysService } from "./api-keys-service.ts";
import { OAuthClientsService } from "./oauth-clients-service.ts";
import { type PasswordsDependencies, PasswordsService } from "./passwords-service.ts";
import type { Credentials } from "./ports.ts";
import { SessionsService } from "./sessions-service.ts";

export function createCredentials(
  dependencies: AccessKeysDependencies & PasswordsDependencies,
): Credentials & { readonly passwords: PasswordsService } {
  return {
    passwords: new PasswordsService(dependencies),
    accessKeys: new AccessKeysService(dependencies),
    apiKeys: new ApiKeysService(dependencies),
    oauthClients: new OAuthClientsService(dependencies),
    sessions: new SessionsService(dependencies),
  };
}
