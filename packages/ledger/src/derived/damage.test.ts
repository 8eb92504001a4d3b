import { damageSuite } from "./damage.suite.ts";

damageSuite("goleveldb", 1, 120);
damageSuite("couchdb", 100_001, 80);
