// Adds up the steps of .ci/run: <name>.status holds a step's exit status, <name>.json vitest's report where it made one.
// Names what failed and what was skipped, prints the sums and exits with 1 when anything failed.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const total = { passed: 0, failed: 0, skipped: 0 };

function addReport(name, report, status) {
  total.passed += report.numPassedTests;
  total.skipped += report.numPendingTests + report.numTodoTests;
  // A file that cannot be loaded has no tests of its own to count; a run that ended badly otherwise counts as one.
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  const failed = report.numFailedTests + unloaded.length;
  total.failed += status !== 0 && failed === 0 ? 1 : failed;
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === "failed") process.stdout.write(`failed in ${name}: ${test.fullName}\n`);
      else if (test.status !== "passed") process.stdout.write(`${test.status} in ${name}: ${test.fullName}\n`);
    }
  }
  for (const file of unloaded) process.stdout.write(`failed in ${name}: ${file.name} ${file.message ?? ""}\n`);
}

for (const file of readdirSync(folder).filter((entry) => entry.endsWith(".status"))) {
  const name = file.slice(0, -".status".length);
  const status = Number(readFileSync(join(folder, file), "utf8"));
  const reportFile = join(folder, `${name}.json`);
  if (existsSync(reportFile)) addReport(name, JSON.parse(readFileSync(reportFile, "utf8")), status);
  else {
    total[status === 0 ? "passed" : "failed"] += 1;
    if (status !== 0) process.stdout.write(`failed: step ${name} with status ${status}\n`);
  }
}
if (total.passed === 0) total.failed += 1;
if (total.skipped > 0) process.stdout.write(`${total.skipped} skipped, named above\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
