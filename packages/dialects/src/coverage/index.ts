export { type CoverageOptions, coverage, coverageInput } from "./plugin.ts";
