import type { Handlers } from "@concordat/api-kit";
import { tokenLifetimesMs } from "@concordat/platform";
import { TOKEN_ISSUER } from "../auth.ts";
import type { BifContext } from "../context.ts";
import type { accessTokenRoutes } from "../routes/access-token.ts";

const LIFETIME_S = tokenLifetimesMs.bif / 1_000;

export const accessTokenHandlers = {
  async getAccessToken({ apiKey, apiSecret }, { platform, clock, origin }) {
    const caller = await platform.authentication.byApiKey(apiKey, apiSecret, origin);
    const { principal, tenantId } = caller;
    const bid = await platform.bids.of(principal.uid);
    const nowMs = clock.nowMs();
    const exp = Math.floor(nowMs / 1_000) + LIFETIME_S;
    // Members in the document's order.
    const text = await platform.tokenIssuer.sign("bif", { apiKey, iss: TOKEN_ISSUER, exp, bid });
    await platform.tokens.issue({
      kind: "bif",
      principal,
      scope: { kind: "tenant", tenantId },
      lifetimeMs: exp * 1_000 - nowMs,
      text,
      detail: { apiKey },
      caller,
    });
    return { accessToken: text, expireIn: LIFETIME_S };
  },
} satisfies Handlers<typeof accessTokenRoutes, BifContext>;
