export { type NativeOptions, nativeDialect } from "./plugin.ts";
export { routes } from "./routes/table.ts";
