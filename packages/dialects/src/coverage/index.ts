export { coverage } from "./plugin.ts";
