import { damageSuite } from "./damage.suite.ts";

damageSuite("goleveldb", 200_001, 1500);
damageSuite("couchdb", 300_001, 1000);
