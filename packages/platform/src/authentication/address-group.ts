import { isIPv4, isIPv6 } from "node:net";

/**
 * What counts as one place to try credentials from: an IPv4 address, or the /64 network of an IPv6 address, because whoever has one
 * address of such a network can use them all. IPv4 written as IPv6 counts as IPv4. Unknown addresses are one place.
 */
export function addressGroupOf(address: string | undefined): string {
  if (address === undefined) return "";
  const [bare = ""] = address.split("%", 1);
  if (isIPv4(bare) || !isIPv6(bare)) return bare;
  const words = expand(bare);
  const isMapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
  if (isMapped) return [6, 7].flatMap((index) => bytesOf(words[index] ?? 0)).join(".");
  return `${words
    .slice(0, 4)
    .map((word) => word.toString(16))
    .join(":")}::/64`;
}

/** The eight 16-bit words of a valid IPv6 address. */
function expand(address: string): readonly number[] {
  const [head = "", tail] = address.split("::", 2);
  const front = wordsOf(head);
  if (tail === undefined) return front;
  const back = wordsOf(tail);
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

function wordsOf(part: string): number[] {
  if (part === "") return [];
  return part.split(":").flatMap((word) => {
    if (!word.includes(".")) return [Number.parseInt(word, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = word.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function bytesOf(word: number): readonly number[] {
  return [word >> 8, word & 0xff];
}
