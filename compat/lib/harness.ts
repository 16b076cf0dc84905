/**
 * What every compat program needs: a broker under test, checks that are counted, waits that are bounded.
 *
 * `--bootstrap HOST:PORT` names a broker that is up; without it one of ours is started on a fresh directory.
 */
import * as NodeChild from "node:child_process"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"

const root = NodePath.join(import.meta.dirname, "..", "..")

/** The value of `--name` on the command line. */
export const option = (name: string): string | undefined => {
  const words = process.argv.slice(2)
  const at = words.indexOf(`--${name}`)
  return at < 0 ? undefined : words[at + 1]
}

/** Waits until `condition` gives something other than undefined; fails with what it waited for. */
export const waitFor = async <A>(
  what: string,
  condition: () => A | undefined | Promise<A | undefined>,
  timeoutMs = 30_000
): Promise<A> => {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value !== undefined) return value
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A broker process of ours. */
export interface Broker {
  readonly bootstrap: string
  readonly directory: string
  readonly pid: number
  /** Ends the process; SIGTERM waits for the orderly stop. */
  readonly kill: (signal: "SIGTERM" | "SIGKILL") => Promise<void>
}

/** Settings of a broker whose groups need not wait for more members. */
export const singleBroker: ReadonlyArray<string> = ["group.initial.rebalance.delay.ms=0"]

const readyLine = /(\d+\.\d+\.\d+\.\d+:\d+)/

/** Starts a broker of ours on `directory`, with Kafka settings and words of `start` on top. Port 0 takes any. */
export const startBroker = async (
  directory: string,
  port = 0,
  settings: ReadonlyArray<string> = [],
  words: ReadonlyArray<string> = []
): Promise<Broker> => {
  const extra = [...settings.flatMap((setting) => ["--set", setting]), ...words]
  const child = NodeChild.spawn(
    process.execPath,
    [NodePath.join(root, "scripts/start.ts"), "--data", directory, "--listen", `127.0.0.1:${port}`, ...extra],
    { stdio: ["ignore", "pipe", "inherit"] }
  )
  const exited = new Promise<void>((resolve) => child.on("exit", () => resolve()))
  let output = ""
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString()
  })
  const bootstrap = await waitFor("the broker's ready line", () => {
    if (child.exitCode !== null) throw new Error(`the broker ended: ${output}`)
    return readyLine.exec(output)?.[1]
  })
  return {
    bootstrap,
    directory,
    pid: child.pid ?? 0,
    kill: async (signal) => {
      child.kill(signal)
      await exited
    }
  }
}

/** Runs `use` against `--bootstrap`, or against a broker of ours that lives as long. */
export const withBroker = async (
  use: (bootstrap: string) => Promise<void>,
  settings: ReadonlyArray<string> = singleBroker
): Promise<void> => {
  const given = option("bootstrap")
  if (given !== undefined) return use(given)
  const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-compat-"))
  const broker = await startBroker(directory, 0, settings)
  try {
    await use(broker.bootstrap)
  } finally {
    await broker.kill("SIGTERM")
    NodeFs.rmSync(directory, { recursive: true, force: true })
  }
}

let passed = 0
let failed = 0

/** Runs one check and counts it; a failure is printed and the next check goes on. */
export const check = async (label: string, run: () => Promise<void>): Promise<void> => {
  const started = Date.now()
  try {
    await run()
    passed++
    console.log(`ok    ${label} (${Date.now() - started} ms)`)
  } catch (cause) {
    failed++
    console.log(`FAIL  ${label}: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`)
  }
}

/** Prints the count and exits: 1 if a check has failed. */
export const finish = (): never => {
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}

/** Fails unless the two are the same JSON. */
export const same = (actual: unknown, expected: unknown, what: string): void => {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (left !== right) throw new Error(`${what}: got ${left.slice(0, 400)}, expected ${right.slice(0, 400)}`)
}

/** A name that no other run uses. */
export const fresh = (name: string): string => `${name}-${process.pid}-${Date.now().toString(36)}-${++names}`

let names = 0
