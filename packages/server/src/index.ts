export { type BootstrapFile, readBootstrapFile } from "./bootstrap/bootstrap-file.ts";
export { type RunningServer, type ServerDependencies, type ServerOptions, startServer } from "./server.ts";
