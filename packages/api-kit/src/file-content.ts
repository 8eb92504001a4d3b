import type { TSchema } from "@sinclair/typebox";
import { Type } from "./typebox.ts";

/**
 * A field that is a file's content, in base64. On a command line it is a path: the file is read for an input and written, for its owner
 * alone, for an output.
 */
export function fileContent(options: { readonly description: string; readonly mediaType: string }) {
  return Type.String({
    description: options.description,
    contentEncoding: "base64",
    contentMediaType: options.mediaType,
  });
}

export function isFileContent(schema: TSchema): boolean {
  return schema["contentEncoding"] === "base64" && schema["contentMediaType"] !== undefined;
}
