/** The page around script and style. Both are inlined and named in the policy by their digests, so nothing else can run. */
export function pageHtml(parts: { readonly script: string; readonly style: string; readonly policy: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${parts.policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Concordat: check a receipt</title>
<style>${parts.style}</style>
</head>
<body>
<main>
<h1>Check a receipt</h1>
<p>Everything happens in this page. It sends nothing anywhere: its policy forbids the browser every connection.</p>
<div class="slots">
<section>
<label for="receipt">Receipt</label>
<input type="file" id="receipt" accept=".json,application/json" aria-describedby="receipt-name">
<p id="receipt-name" class="hint">Choose a file, or drop it anywhere on the page.</p>
</section>
<section>
<label for="trust">Trust bundle</label>
<input type="file" id="trust" accept=".json,application/json" aria-describedby="trust-name">
<p id="trust-name" class="hint">Obtain it apart from the receipt: it says whose keys count.</p>
</section>
</div>
<section id="verdict" role="status" aria-live="polite" hidden></section>
<section id="contents" hidden></section>
<noscript><p>This page checks receipts with a script of its own; scripts are switched off.</p></noscript>
</main>
<script>${parts.script}</script>
</body>
</html>
`;
}

export const PAGE_STYLE = `
:root { --ground: #f6f7f9; --card: #fff; --ink: #1b2330; --soft: #566072; --line: #d5dae2; --good: #14653a; --bad: #a3201d; --open: #7a5200; --focus: #1f5fd0; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #12161d; --card: #1b212b; --ink: #e8ecf2; --soft: #a3adbd; --line: #333d4c; --good: #5fd08f; --bad: #ff8f86; --open: #f0be5a; --focus: #8db4ff; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 54rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 1.2rem 0 .5rem; }
.slots { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; margin: 1.5rem 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.2rem; }
main > section { margin-bottom: 1rem; }
label { display: block; font-weight: 600; margin-bottom: .4rem; }
input { width: 100%; font: inherit; color: inherit; }
input:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.hint { color: var(--soft); margin: .5rem 0 0; overflow-wrap: anywhere; }
#verdict { border-left-width: .5rem; }
#verdict h2 { margin-top: 0; font-size: 1.4rem; }
#verdict[data-status="valid"] { border-left-color: var(--good); }
#verdict[data-status="valid"] h2 { color: var(--good); }
#verdict[data-status="invalid"] { border-left-color: var(--bad); }
#verdict[data-status="invalid"] h2 { color: var(--bad); }
#verdict[data-status="refused"], #verdict[data-status="unauthenticated"] { border-left-color: var(--open); }
#verdict[data-status="refused"] h2, #verdict[data-status="unauthenticated"] h2 { color: var(--open); }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .35rem 1rem; margin: 0; }
dt { color: var(--soft); overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; font-family: ui-monospace, monospace; font-size: .9rem; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
`;
