export { coverage, coverageInput } from "./plugin.ts";
