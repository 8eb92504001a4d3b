import { openLevelStateDatabase } from "./level-state-database.ts";
import { openSqliteStateDatabase } from "./sqlite-state-database.ts";
import { stateDatabaseSuite } from "./state-database.suite.ts";

// Rows move to table files every few batches, so that the suite meets rows in both places.
stateDatabaseSuite("state in LevelDB", (directory) => openLevelStateDatabase({ directory, settleBatches: 7 }));
stateDatabaseSuite("state in SQLite", (directory) => openSqliteStateDatabase({ directory }));
