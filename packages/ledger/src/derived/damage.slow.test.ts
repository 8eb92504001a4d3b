import { damageSuite } from "./damage.suite.ts";

damageSuite("goleveldb", 200_001, 3000);
damageSuite("couchdb", 300_001, 2000);
