import { openMemoryStore } from "../jobs/jobs.fixture.ts";
import { auditStoreSuite } from "./audit-store.suite.ts";

auditStoreSuite("sqlite", openMemoryStore);
