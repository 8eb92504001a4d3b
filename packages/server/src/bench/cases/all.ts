import type { BenchCase } from "../bench.ts";
import { diskCase } from "./disk.ts";
import { engineCase } from "./engine.ts";
import { gatewayCase } from "./gateway.ts";
import { httpCase } from "./http.ts";
import { ltlCase } from "./ltl.ts";
import { proofsCase } from "./proofs.ts";
import { scaleCase } from "./scale.ts";
import { startCase } from "./start.ts";
import { tokenCase } from "./token.ts";

export const benchCases: readonly BenchCase[] = [
  diskCase,
  engineCase,
  tokenCase,
  startCase,
  httpCase,
  ltlCase,
  gatewayCase,
  proofsCase,
  scaleCase,
];
