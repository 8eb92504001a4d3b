import { jobStoreSuite } from "./job-store.suite.ts";
import { openMemoryStore } from "./jobs.fixture.ts";

jobStoreSuite("sqlite", openMemoryStore);
