import { InvalidArgumentError, Option } from "commander";

export const DEFAULT_DATA_DIRECTORY = "./data";

export function dataOption(): Option {
  return new Option("-d, --data <folder>", "data folder of the installation")
    .env("CONCORDAT_DATA")
    .default(DEFAULT_DATA_DIRECTORY);
}

/** 0 to 65535. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}
