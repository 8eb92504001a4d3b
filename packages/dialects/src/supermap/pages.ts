import type { FormField } from "./representation/html.ts";
import { clientTypes } from "./routes/security.ts";

/** What the page that asks for a token has its reader fill in. */
export const tokenFormPage: readonly FormField[] = [
  { name: "userName", type: "text" },
  { name: "password", type: "password" },
  { name: "clientType", type: clientTypes, value: "NONE" },
  { name: "ip", type: "text" },
  { name: "referer", type: "text" },
  { name: "expiration", type: "number", value: "60" },
];
