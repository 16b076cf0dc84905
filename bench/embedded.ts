/**
 * The embedded broker: how long it takes to start once its modules are loaded, and how much memory it adds to its process.
 *
 * Each start is one of a process of its own, on an empty directory, until it answers; memory is the resident set after a
 * garbage collection, before and after. Medians of many, in memory and with a socket.
 * Flags: --starts N (20).
 */
import * as NodeChild from "node:child_process"
import * as NodePath from "node:path"
import { option } from "../compat/lib/harness.ts"
import { median, printTable, report } from "./lib/report.ts"

const starts = Number(option("starts") ?? 20)

interface Measured {
  readonly startMs: number
  readonly extraMB: number
}

const start = (listen: string): Measured => {
  const worker = NodePath.join(import.meta.dirname, "embedded", "worker.ts")
  const { status, stderr, stdout } = NodeChild.spawnSync(
    process.execPath,
    ["--expose-gc", worker, listen],
    { encoding: "utf8", timeout: 30_000, killSignal: "SIGKILL" }
  )
  if (status !== 0) throw new Error(`the embedded broker did not start: ${stdout}${stderr}`)
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Measured
}

for (const listen of ["memory", "socket"]) {
  const measured = Array.from({ length: starts }, () => start(listen))
  const startMs = measured.map((one) => one.startMs)
  report({
    listen,
    starts,
    "start ms": median(startMs),
    "fastest ms": Math.min(...startMs),
    "slowest ms": Math.max(...startMs),
    "extra MB": median(measured.map(({ extraMB }) => extraMB))
  })
}
printTable()
process.exit(0)
