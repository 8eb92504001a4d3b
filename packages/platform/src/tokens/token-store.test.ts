import { sqliteFixture } from "../testing/sqlite-fixture.ts";
import { tokenStoreSuite } from "./token-store.suite.ts";

tokenStoreSuite("SQLite", sqliteFixture);
