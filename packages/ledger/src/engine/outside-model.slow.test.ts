import { outsideModelSuite } from "./outside-model.suite.ts";

outsideModelSuite({ runs: 250, actionsMax: 80, reachesEvery: true });
