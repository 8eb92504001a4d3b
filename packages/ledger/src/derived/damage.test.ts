import { damageSuite } from "./damage.suite.ts";

damageSuite("goleveldb", 1, 60);
damageSuite("couchdb", 100_001, 40);
