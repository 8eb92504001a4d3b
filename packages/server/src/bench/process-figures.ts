import { readFileSync } from "node:fs";
import { round } from "./measure.ts";

/** Linux counts the CPU time of processes in hundredths of a second. */
const TICK_MICROS = 10_000;

/** CPU time of another process so far, all threads, in microseconds; undefined where the system does not tell. */
export function cpuMicrosOf(processId: number): number | undefined {
  const text = readProc(processId, "stat");
  // The name in parentheses may hold spaces: fields are counted from behind it.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
}

/** Resident memory of another process in MiB; undefined where the system does not tell. */
export function residentMiBOf(processId: number): number | undefined {
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readProc(processId, "status") ?? "")?.[1];
  return kibibytes === undefined ? undefined : round(Number(kibibytes) / 1024);
}

function readProc(processId: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${processId}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}
