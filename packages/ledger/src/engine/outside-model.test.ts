import { outsideModelSuite } from "./outside-model.suite.ts";

outsideModelSuite({ runs: 15, actionsMax: 60, reachesEvery: false });
