import type { KeyRing } from "@concordat/identity";
import type { Directory } from "../directory/directory.ts";
import { resealedRow, sealedTables, sealedValues } from "../directory/sealed-columns.ts";
import type { SealedPlace } from "./ports.ts";

/** Rows sealed anew by one commit: the directory's other changes come between two commits. */
const ROWS_PER_COMMIT = 200;

/** The sealed columns of the directory. */
export function directoryPlace({ directory, keyRing }: { directory: Directory; keyRing: KeyRing }): SealedPlace {
  const waitingRows = () =>
    sealedTables.flatMap((table) =>
      directory
        .table(table)
        .all()
        .filter((row) => sealedValues(table, row).some(({ envelope }) => !keyRing.isCurrent(envelope)))
        .map((row) => ({ table, row })),
    );
  return {
    name: "control store",
    waiting: async () => waitingRows().length,
    async reseal() {
      for (let isLeft = true; isLeft; ) {
        isLeft = await directory.change(async () => {
          const rows = waitingRows();
          const changes = rows.slice(0, ROWS_PER_COMMIT).map(({ table, row }) => resealedRow(table, row, keyRing));
          return { changes, result: rows.length > changes.length };
        });
      }
    },
  };
}
