import type { Clock, Logger } from "@concordat/base";
import type { Ledger } from "@concordat/ledger";
import type { Authorizer } from "../access/authorizer.ts";
import type { ChannelSteps } from "../chains/channel-steps.ts";
import type { ControlDatabase } from "../control-store/schema.ts";
import type { Directory } from "../directory/directory.ts";
import { AuditChannel } from "./audit-channel.ts";
import { type AuditOptions, AuditOutbox, defaultAuditOptions } from "./audit-outbox.ts";
import { AuditService } from "./audit-service.ts";
import { AuditStore } from "./audit-store.ts";

export interface OpenAuditDependencies {
  readonly database: ControlDatabase;
  readonly ledger: Ledger;
  readonly directory: Directory;
  readonly steps: ChannelSteps;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The audit trail, and the outbox that brings it to the ledger. The outbox is to be closed before the ledger. */
export function openAudit(options: Partial<AuditOptions>, dependencies: OpenAuditDependencies) {
  const store = new AuditStore(dependencies.database);
  const channel = new AuditChannel(dependencies);
  const outbox = new AuditOutbox({ ...defaultAuditOptions, ...options }, { ...dependencies, store, channel });
  outbox.open();
  return { trail: new AuditService({ ...dependencies, store, channel }), outbox, channel };
}
