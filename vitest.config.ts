import { defineConfig } from "vitest/config";

const reportFile = process.env["CONCORDAT_TEST_REPORT"];

/** `unit` is the fast suite beside the code; `slow` holds crash, fuzz, load and official-client runs. */
export default defineConfig({
  test: {
    // The counts that .ci/run adds up.
    reporters: reportFile === undefined ? ["default"] : ["default", ["json", { outputFile: reportFile }]],
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "tests/unit/**/*.test.ts"],
          exclude: ["**/*.slow.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "slow",
          include: ["packages/*/src/**/*.slow.test.ts", "tests/slow/**/*.test.ts"],
          testTimeout: 1_200_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
