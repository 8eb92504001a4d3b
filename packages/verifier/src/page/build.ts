import { hash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { PAGE_STYLE, pageHtml } from "./template.ts";

/**
 * The verifier as one HTML file, for people who will not install anything: the portable core bundled and inlined. It loads nothing and can reach nothing:
 * its policy allows exactly its own script and style.
 */
export async function buildPage(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("./client.ts", import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "ascii",
    legalComments: "none",
  });
  // "</script" inside the script would end it.
  const script = (result.outputFiles[0]?.text ?? "").replaceAll("</script", "<\\/script");
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash("sha256", script, "base64")}'`,
    `style-src 'sha256-${hash("sha256", PAGE_STYLE, "base64")}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return pageHtml({ script, style: PAGE_STYLE, policy });
}
