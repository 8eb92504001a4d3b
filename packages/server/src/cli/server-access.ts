import { readBootstrapFile } from "../bootstrap/bootstrap-file.ts";
import { readTextFile } from "../data-folder/durable-file.ts";
import { dataFolderAt } from "../data-folder/layout.ts";
import { serverFault } from "../errors.ts";
import { ownAuthorityPath } from "../tls.ts";
import type { CommandContext } from "./context.ts";
import { readInputFile } from "./json-file.ts";
import type { ServerAccess } from "./native-transport.ts";

export interface AccessFlags {
  readonly data: string;
  readonly url?: string;
  readonly accessKeyId?: string;
  readonly caFile?: string;
}

/** A secret on a command line would stand in the shell's history and in the process list. */
export const SECRET_VARIABLE = "CONCORDAT_ACCESS_KEY_SECRET";

/**
 * Address and credentials: from flags and environment where given, else from the data folder's bootstrap.json.
 * @throws ConcordatError CREDENTIALS_MISSING, BOOTSTRAP_MISSING or BOOTSTRAP_INVALID
 */
export async function serverAccess(flags: AccessFlags, context: CommandContext): Promise<ServerAccess> {
  const folder = dataFolderAt(flags.data);
  const bootstrap = await readBootstrapFile(context.fileSystem, folder.bootstrap);
  const url = flags.url ?? bootstrap?.url;
  const accessKeyId = flags.accessKeyId ?? bootstrap?.aliyun.accessKeyId;
  if (url === undefined || accessKeyId === undefined) {
    throw serverFault("BOOTSTRAP_MISSING", `There is no ${folder.bootstrap}, and no --url with --access-key-id.`, {
      remedy: "Name the data folder of the installation with --data, or give both options.",
    });
  }
  const own = bootstrap?.aliyun.accessKeyId === accessKeyId ? bootstrap.aliyun.accessKeySecret : undefined;
  const accessKeySecret = context.environment[SECRET_VARIABLE] || own;
  if (accessKeySecret === undefined) {
    throw serverFault("CREDENTIALS_MISSING", `The secret of access key ${accessKeyId} is not known here.`, {
      remedy: `Put it into the environment variable ${SECRET_VARIABLE}.`,
    });
  }
  const authority =
    flags.caFile === undefined
      ? await readTextFile(context.fileSystem, ownAuthorityPath(folder))
      : await readInputFile(context.fileSystem, flags.caFile);
  return {
    url: url.replace(/\/+$/, ""),
    accessKeyId,
    accessKeySecret,
    ...(authority === undefined ? {} : { authority }),
  };
}
