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
