import { callNoncesSuite } from "../testing/call-nonces-suite.ts";
import { sqliteFixture } from "../testing/sqlite-fixture.ts";

callNoncesSuite("SQLite", sqliteFixture);
