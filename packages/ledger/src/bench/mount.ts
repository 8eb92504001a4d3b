export interface Mount {
  readonly mountPoint: string;
  readonly type: string;
  /** Device, export or pseudo name that is mounted. */
  readonly source: string;
}

/**
 * The mount that holds an absolute path without symbolic links: the longest mount point above it, the last one when several lie on each other.
 * @param mountInfo the text of /proc/self/mountinfo
 * @source Linux manual page proc_pid_mountinfo(5)
 */
export function findMount(mountInfo: string, path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const line of mountInfo.split("\n")) {
    const mount = parseLine(line);
    if (mount === undefined || !holds(mount.mountPoint, path)) continue;
    if (best === undefined || mount.mountPoint.length >= best.mountPoint.length) best = mount;
  }
  return best;
}

/** Optional fields of varying number stand before a lone dash; type and source come after it. */
function parseLine(line: string): Mount | undefined {
  const fields = line.split(" ");
  const dash = fields.indexOf("-", 6);
  const mountPoint = fields[4];
  const type = fields[dash + 1];
  const source = fields[dash + 2];
  if (dash < 0 || mountPoint === undefined || type === undefined || source === undefined) return undefined;
  return { mountPoint: unescapeOctal(mountPoint), type, source: unescapeOctal(source) };
}

function holds(mountPoint: string, path: string): boolean {
  return mountPoint === "/" || path === mountPoint || path.startsWith(`${mountPoint}/`);
}

/** Blanks, tabs, newlines and backslashes are written as a backslash and three octal digits. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
