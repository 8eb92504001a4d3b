import { posix } from "node:path";
import { NAME_LENGTH_MAX, PATH_LENGTH_MAX, type PackageLimits } from "./limits.ts";
import { packageInvalid, packageTooLarge } from "./package-errors.ts";

/** One checked entry of an archive. Paths have forward slashes, no leading or trailing one, and no "." or ".." part. */
export type ArchiveEntry =
  | { readonly kind: "file"; readonly path: string; readonly content: Uint8Array; readonly isExecutable: boolean }
  | { readonly kind: "folder"; readonly path: string }
  /** Points to a path within the archive; `target` is relative to the link's folder, as it stands in the archive. */
  | { readonly kind: "link"; readonly path: string; readonly target: string };

function hasControlCharacter(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f || code === 0xfffd) return true;
  }
  return false;
}

/**
 * The path as it is kept; undefined for the archive's own root ("./").
 * @throws FabricError PACKAGE_INVALID for a path that is absolute, leads up, or that a file system could read in another way
 */
export function checkedPath(name: string): string | undefined {
  const shown = JSON.stringify(name.slice(0, 100));
  if (name === "" || hasControlCharacter(name) || name.includes("\\")) {
    throw packageInvalid(`entry ${shown} has an empty name, a control character or a backslash`);
  }
  if (name.startsWith("/") || /^[A-Za-z]:/.test(name)) throw packageInvalid(`entry ${shown} has an absolute path`);
  const parts = name.replace(/\/$/, "").split("/");
  while (parts[0] === ".") parts.shift();
  if (parts.length === 0) return undefined;
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    throw packageInvalid(`entry ${shown} has an empty, "." or ".." part in its path`);
  }
  if (parts.some((part) => Buffer.byteLength(part) > NAME_LENGTH_MAX) || Buffer.byteLength(name) > PATH_LENGTH_MAX) {
    throw packageInvalid(`entry ${shown} has a path that is too long`);
  }
  return parts.join("/");
}

/** @throws FabricError PACKAGE_INVALID for a link that leads out of the archive */
export function checkedLinkTarget(path: string, target: string): string {
  const reached = posix.normalize(posix.join(posix.dirname(path), target));
  const isOutside = reached === ".." || reached.startsWith("../");
  if (target === "" || target.startsWith("/") || isOutside || hasControlCharacter(target) || target.includes("\\")) {
    throw packageInvalid(`link "${path}" points out of the package`);
  }
  return target;
}

/**
 * Watches over one archive while it is read: names once only, nothing below a file or a link, and the limits. The chain of
 * links within the package is not followed here: a link whose text leads through another link is refused by its parts.
 */
export class ArchiveGuard {
  readonly #limits: PackageLimits;
  readonly #kinds = new Map<string, ArchiveEntry["kind"]>();
  readonly #parents = new Set<string>();
  readonly #links: { readonly path: string; readonly target: string }[] = [];
  #entryCount = 0;

  constructor(limits: PackageLimits) {
    this.#limits = limits;
  }

  /** Counts also what is not kept. @throws FabricError PACKAGE_TOO_LARGE */
  count(): void {
    this.#entryCount++;
    if (this.#entryCount > this.#limits.entriesMax) {
      throw packageTooLarge(`it has more than ${this.#limits.entriesMax} entries`);
    }
  }

  /** @throws FabricError PACKAGE_INVALID */
  admit(path: string, kind: ArchiveEntry["kind"], target = ""): void {
    if (this.#kinds.has(path)) throw packageInvalid(`entry "${path}" is there twice`);
    if (kind !== "folder" && this.#parents.has(path)) throw packageInvalid(`entry "${path}" is a file and a folder`);
    for (let parent = posix.dirname(path); parent !== "."; parent = posix.dirname(parent)) {
      const parentKind = this.#kinds.get(parent);
      if (parentKind !== undefined && parentKind !== "folder") {
        throw packageInvalid(`entry "${path}" lies below "${parent}", which is no folder`);
      }
      this.#parents.add(parent);
    }
    this.#kinds.set(path, kind);
    if (kind === "link") this.#links.push({ path, target });
  }

  /** After the last entry. @throws FabricError PACKAGE_INVALID for a link that leads through another link */
  finish(): void {
    for (const { path, target } of this.#links) {
      let reached = posix.dirname(path);
      for (const part of target.split("/")) {
        reached = posix.normalize(posix.join(reached, part));
        if (this.#kinds.get(reached) === "link") throw packageInvalid(`link "${path}" leads through another link`);
      }
    }
  }
}
