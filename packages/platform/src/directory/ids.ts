import { ALPHANUMERIC, DIGITS, type RandomSource, randomText } from "@concordat/base";

const upperAlphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The ids that the platform makes: alphabets and lengths as the documents show them. */
export const newIds = {
  /** 16 decimal digits, the first not 0. */
  uid: (random: RandomSource) => decimalId(random),
  bizChainId: (random: RandomSource) => decimalId(random),
  bizChainCode: (random: RandomSource) => randomText(random, ALPHANUMERIC, 16),
  dataTypeCode: (random: RandomSource) => randomText(random, upperAlphanumeric, 4),
  accessKeyId: (random: RandomSource) => `LTAI${randomText(random, ALPHANUMERIC, 20)}`,
  accessKeySecret: (random: RandomSource) => randomText(random, ALPHANUMERIC, 30),
  installationId: (random: RandomSource) => randomText(random, "0123456789abcdef", 16),
};

/** Draws until the id is free. */
export function drawFree(draw: () => string, isTaken: (id: string) => boolean): string {
  let id = draw();
  while (isTaken(id)) id = draw();
  return id;
}

function decimalId(random: RandomSource): string {
  return randomText(random, "123456789", 1) + randomText(random, DIGITS, 15);
}
