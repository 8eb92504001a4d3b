import type { Handlers, OutputOf } from "@concordat/api-kit";
import type { ExpiryFinding } from "@concordat/platform";
import { RequestRefusal } from "../errors.ts";
import type { alarmRoutes } from "../routes/alarms.ts";
import type { NativeContext } from "./context.ts";
import { offsets } from "./paging.ts";

type WireFinding = OutputOf<(typeof alarmRoutes)["rehearseCertificates"]>["stops"][number];

export const alarmHandlers = {
  async rehearseCertificates(input, { platform, caller }) {
    if (input.days !== undefined && input.atMs !== undefined) {
      throw new RequestRefusal("FIELD_MALFORMED", "Give either days or atMs.");
    }
    const { atMs, stops, renewed } = await platform.certificates.rehearseExpiry(caller, input);
    return { atMs, stops: stops.map(toWire), renewed: renewed.map(toWire) };
  },
  async listAlarms(query, { platform, caller }) {
    const { total, items } = await platform.alarms.list(caller, offsets(query));
    return { total, alarms: [...items] };
  },
} satisfies Handlers<typeof alarmRoutes, NativeContext>;

function toWire({ users, ...finding }: ExpiryFinding): WireFinding {
  return { ...finding, users: [...users] };
}
