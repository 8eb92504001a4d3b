import { idempotencySuite } from "../testing/idempotency-suite.ts";
import { sqliteFixture } from "../testing/sqlite-fixture.ts";

idempotencySuite("SQLite", sqliteFixture);
