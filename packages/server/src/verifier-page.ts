/** Bundling costs a second, and most installations are never asked for the page. */
let built: Promise<string> | undefined;

/** The page that checks a dropped receipt: one HTML file that loads nothing. Built once. */
export function buildVerifierPage(): Promise<string> {
  built ??= import("@concordat/verifier/node").then(({ buildPage }) => buildPage());
  built.catch(() => {
    built = undefined;
  });
  return built;
}
