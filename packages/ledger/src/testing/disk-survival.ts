import { applyEntries, DiskFile, DiskFolder, type DiskNode, type FileChange, type GrowingBytes } from "./disk-nodes.ts";
import { SeededRandom } from "./seeded-random.ts";

/**
 * What a crash leaves of the changes that no completed sync covers.
 *
 * - `process`: the process was killed, the system lives: everything completed is still visible, and still not on disk.
 * - `lose-all`, `keep-all`: a power cut; nothing, or everything, had reached the disk by itself. `keep-all` includes the operation under way.
 * - `torn`: a power cut during a write, of which the first `bytes` reached the disk; `zeroFill` says that the file had already
 *   grown to its new size (the rest reads as zeros), `others` what became of the earlier changes.
 * - `hole`: a power cut during a write that reached the disk but for its sector number `sector` (counted from 0); earlier changes are kept.
 * - `random`: a power cut; any subset of changes, each write sector by sector, by `seed`.
 */
export type CrashMode =
  | { readonly kind: "process" }
  | { readonly kind: "lose-all" }
  | { readonly kind: "keep-all" }
  | { readonly kind: "torn"; readonly bytes: number; readonly zeroFill: boolean; readonly others: "lost" | "kept" }
  | { readonly kind: "hole"; readonly sector: number }
  | { readonly kind: "random"; readonly seed: number };

/** The write or truncate that the crash interrupted. */
export interface InterruptedChange {
  readonly file: DiskFile;
  readonly change: FileChange;
}

/** A copy of the disk as the next start finds it. */
export function survivingDisk(
  root: DiskFolder,
  interrupted: InterruptedChange | undefined,
  mode: CrashMode,
  sectorBytes: number,
): DiskFolder {
  const copies = new Map<DiskNode, DiskNode>();
  const choose = chooser(mode, sectorBytes);
  const copyFile = (file: DiskFile): DiskFile => {
    const copy = new DiskFile();
    copy.durable = file.durable.copy();
    if (mode.kind === "process") {
      copy.visible = file.visible.copy();
      copy.pending = [...file.pending];
      return copy;
    }
    for (const change of file.pending) choose.applyPending(copy.durable, change);
    if (interrupted?.file === file) choose.applyInterrupted(copy.durable, interrupted.change);
    copy.visible = copy.durable.copy();
    return copy;
  };
  const copyFolder = (folder: DiskFolder): DiskFolder => {
    const copy = new DiskFolder();
    copies.set(folder, copy);
    if (mode.kind === "process") {
      copy.visible = copyEntries(folder.visible);
      copy.durable = copyEntries(folder.durable);
      copy.pending = folder.pending.map((change) =>
        change.map(({ name, node }) => ({ name, node: node && copyNode(node) })),
      );
      return copy;
    }
    const entries = new Map(folder.durable);
    for (const change of folder.pending) if (choose.keepsEntryChange()) applyEntries(entries, change);
    copy.durable = copyEntries(entries);
    copy.visible = new Map(copy.durable);
    return copy;
  };
  const copyNode = (node: DiskNode): DiskNode => {
    const known = copies.get(node);
    if (known !== undefined) return known;
    const copy = node.kind === "file" ? copyFile(node) : copyFolder(node);
    copies.set(node, copy);
    return copy;
  };
  const copyEntries = (entries: ReadonlyMap<string, DiskNode>) =>
    new Map([...entries].map(([name, node]) => [name, copyNode(node)]));
  return copyFolder(root);
}

interface Chooser {
  keepsEntryChange(): boolean;
  applyPending(target: GrowingBytes, change: FileChange): void;
  applyInterrupted(target: GrowingBytes, change: FileChange): void;
}

function chooser(mode: CrashMode, sectorBytes: number): Chooser {
  const all = (keep: boolean) => (target: GrowingBytes, change: FileChange) => {
    if (keep) target.apply(change);
  };
  switch (mode.kind) {
    case "process":
    case "keep-all":
      return chooserOf(() => true, all(true), all(mode.kind === "keep-all"));
    case "lose-all":
      return chooserOf(() => false, all(false), all(false));
    case "torn": {
      const kept = mode.others === "kept";
      return chooserOf(
        () => kept,
        all(kept),
        (target, change) => applyTorn(target, change, mode.bytes, mode.zeroFill),
      );
    }
    case "hole": {
      const apply: Chooser["applyInterrupted"] = (target, change) =>
        applySectors(target, change, sectorBytes, (sector) => sector !== mode.sector);
      return chooserOf(() => true, all(true), apply);
    }
    case "random": {
      const random = new SeededRandom(mode.seed);
      const apply = (target: GrowingBytes, change: FileChange) => applyPart(target, change, random, sectorBytes);
      return chooserOf(() => random.chance(0.5), apply, apply);
    }
  }
}

function chooserOf(
  keepsEntryChange: () => boolean,
  applyPending: Chooser["applyPending"],
  applyInterrupted: Chooser["applyInterrupted"],
): Chooser {
  return { keepsEntryChange, applyPending, applyInterrupted };
}

function applyTorn(target: GrowingBytes, change: FileChange, bytes: number, zeroFill: boolean): void {
  if (change.kind === "truncate") return;
  target.apply({ kind: "write", position: change.position, bytes: change.bytes.subarray(0, bytes) });
  if (zeroFill) target.resize(Math.max(target.size, change.position + change.bytes.length));
}

/** A third each: the whole change, nothing of it, any sectors of it. */
function applyPart(target: GrowingBytes, change: FileChange, random: SeededRandom, sectorBytes: number): void {
  const fate = random.below(3);
  if (fate === 0) return;
  if (fate === 1 || change.kind === "truncate") {
    target.apply(change);
    return;
  }
  applySectors(target, change, sectorBytes, () => random.chance(0.5));
  if (random.chance(0.5)) target.resize(Math.max(target.size, change.position + change.bytes.length));
}

/** Lost sectors keep what they had, or zeros where there was nothing. */
function applySectors(
  target: GrowingBytes,
  change: FileChange,
  sectorBytes: number,
  keeps: (sector: number) => boolean,
): void {
  if (change.kind === "truncate") return;
  const end = change.position + change.bytes.length;
  let from = change.position;
  for (let sector = 0; from < end; sector++) {
    const to = Math.min(end, (Math.floor(from / sectorBytes) + 1) * sectorBytes);
    if (keeps(sector)) {
      const bytes = change.bytes.subarray(from - change.position, to - change.position);
      target.apply({ kind: "write", position: from, bytes });
    }
    from = to;
  }
}
