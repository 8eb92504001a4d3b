/** 2 to 30 letters (any script), digits, `_`, `-`, `.`, round brackets. @source Aliyun LTL document, section 4.2.7.1 (MemberName) */
export function isName(text: string): boolean {
  return /^[\p{L}\p{N}_\-.()（）]{2,30}$/u.test(text);
}

/** 1 to 64 printable characters of any script, spaces only inside. The documents give business chains names and no rule for them. */
export function isChainName(text: string): boolean {
  return /^[^\p{C}\p{Z}]([^\p{C}\p{Zl}\p{Zp}]{0,62}[^\p{C}\p{Z}])?$/u.test(text);
}

/** At most 100 characters. @source Aliyun LTL document, section 4.2.7.1 (Remark) */
export function isRemark(text: string): boolean {
  return [...text].length <= 100 && text.isWellFormed();
}

/** 1 to 64 letters (any script), digits, `_`, `-`, `.` and spaces inside: groups and enterprise projects, which the documents give no rule for. */
export function isGroupName(text: string): boolean {
  return /^[\p{L}\p{N}_.-]([\p{L}\p{N} _.-]{0,62}[\p{L}\p{N}_.-])?$/u.test(text);
}

/** As {@link isGroupName}, with up to 128 characters. */
export function isPolicyName(text: string): boolean {
  return /^[\p{L}\p{N}_.-]([\p{L}\p{N} _.-]{0,126}[\p{L}\p{N}_.-])?$/u.test(text);
}

/** 1 to 64 ASCII letters, digits, `_` and `-`: the name of a region, or of a region and a part of one. */
export function isProjectName(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text);
}

/** At most 255 characters on one line. */
export function isDescription(text: string): boolean {
  return text.isWellFormed() && /^[^\p{Cc}\p{Zl}\p{Zp}]{0,255}$/u.test(text);
}
