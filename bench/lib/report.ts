/**
 * How measurements are told: a JSON line for each, and a table for people at the end.
 */
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"

/** One measured row: names and numbers. */
export type Row = Readonly<Record<string, string | number>>

/** The machine, as it belongs beside every number. */
export const machine = (): string => {
  const [cpu] = NodeOs.cpus()
  return `${NodeOs.cpus().length} x ${
    cpu?.model ?? "unknown"
  }, Node ${process.version}, ${NodeOs.type()} ${NodeOs.release()}`
}

/** The middle of the values. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** CPU seconds that a process has used so far, all its threads, in user and system mode. */
export const cpuSeconds = (pid: number): number => {
  const text = NodeFs.readFileSync(`/proc/${pid}/stat`, "utf8")
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const ticksPerSecond = 100
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Resident memory of a process, in bytes. */
export const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(NodeFs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024

const rows: Array<Row> = []

/** Prints a row as a JSON line and keeps it for the table. */
export const report = (row: Row): void => {
  rows.push(row)
  console.log(JSON.stringify(row))
}

/** Prints all rows as a table. */
export const printTable = (): void => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cell = (value: string | number | undefined): string =>
    typeof value === "number" ? (Number.isInteger(value) ? String(value) : value.toFixed(2)) : value ?? ""
  const table = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))]
  const widths = columns.map((_, column) => Math.max(...table.map((line) => line[column]!.length)))
  console.log(`\n${machine()}`)
  for (const line of table) console.log(line.map((text, column) => text.padEnd(widths[column]!)).join("  "))
}
