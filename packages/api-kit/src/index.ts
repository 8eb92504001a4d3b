export { type Authenticator, authenticateBy } from "./authentication.ts";
export { type CommandDescriptor, type CommandOption, commandDescriptors } from "./cli.ts";
export { type Client, createClient, type Transport, type WireRequest } from "./client.ts";
export {
  type CompiledOperation,
  type CompiledTable,
  compileTable,
  type DecodedInput,
  type FieldFault,
  type FieldReader,
} from "./compile.ts";
export {
  type CoverageEntry,
  type CoverageInput,
  type CoverageReport,
  coverageHtml,
  coverageReport,
  type Evidence,
  type InventoryEntry,
  type Standing,
} from "./coverage.ts";
export { fileContent, isFileContent } from "./file-content.ts";
export { limits } from "./limits.ts";
export { type ListCodec, type ListWithText, listParameter, listWithText } from "./list-parameter.ts";
export { type OpenApiOptions, openApiDocument } from "./openapi.ts";
export {
  type AnyOperation,
  type CommandHints,
  type Handlers,
  type HttpMethod,
  type InputOf,
  type Matcher,
  type Operation,
  type OutputOf,
  operationFor,
  type RouteTable,
  type WireField,
} from "./operation.ts";
export { asJson, type OutputCodec, type WireAnswer } from "./output-codec.ts";
export { decimalInteger, type ParameterCodec, plainText, trueOrFalse } from "./parameter-codec.ts";
export { formText, type Parameter, parseParameters, percentEncode, queryOf } from "./parameters.ts";
export { type RequestFault, type RestBinding, registerRest } from "./rest.ts";
export {
  createHttpServer,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
} from "./server.ts";
export { readParameter, SpreadParameter } from "./spread-parameter.ts";
export { type Static, type TObject, type TSchema, Type } from "./typebox.ts";
