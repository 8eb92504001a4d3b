import { leasesSuite } from "../testing/leases-suite.ts";
import { sqliteFixture } from "../testing/sqlite-fixture.ts";

leasesSuite("SQLite", sqliteFixture);
