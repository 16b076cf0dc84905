/**
 * The logdir area of `vectors`: data directories that Apache Kafka wrote, opened by our storage.
 *
 * A directory holds `stopped.tar.gz` (left in order), `killed.tar.gz` (after `kill -9`) and `expected.jsonl.gz`, what
 * Kafka's own clients saw. Each archive is unpacked, opened with all its log directories, and has to give exactly the
 * partitions, records, committed records, group offsets, transactions and producers of the expected file; what our
 * storage then wrote is opened once more.
 */
import { NodeCompression, NodeDisk } from "@millrace/core/node"
import * as ReplicaManager from "@millrace/server/replication/ReplicaManager"
import * as LogManager from "@millrace/server/storage/LogManager"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import type { Report } from "../vectors.ts"
import { check } from "./logdir/check.ts"
import type { Expected } from "./logdir/expected.ts"

const layerOf = (logDirs: ReadonlyArray<string>) =>
  ReplicaManager.layer.pipe(
    Layer.provideMerge(LogManager.layer({ logDirs, nodeId: 1, producerIdExpirationMs: Number.POSITIVE_INFINITY })),
    Layer.provideMerge(Layer.merge(NodeDisk.layer, NodeCompression.layer))
  )

const openAndCheck = (name: string, root: string, expected: ReadonlyArray<Expected>): Promise<Report> => {
  const logDirs = readdirSync(root).sort().map((directory) => join(root, directory))
  return Effect.runPromise(
    check(expected).pipe(
      Effect.map((report) => ({ ...report, failures: report.failures.map((failure) => `${name}: ${failure}`) })),
      Effect.provide(layerOf(logDirs)),
      Effect.catch((error) => Effect.succeed({ passed: 0, failed: 1, failures: [`${name}: ${error.message}`] }))
    )
  )
}

const runArchive = async (archive: string, name: string, expected: ReadonlyArray<Expected>): Promise<Report> => {
  const root = mkdtempSync(join(tmpdir(), "millrace-logdir-"))
  try {
    execFileSync("tar", ["xzf", archive, "-C", root])
    const first = await openAndCheck(name, root, expected)
    const again = await openAndCheck(`${name}, opened again`, root, expected)
    return add(first, again)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const add = (one: Report, other: Report): Report => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  failures: [...one.failures, ...other.failures]
})

/** Holds our storage against the archives in `directory`. */
export const run = async (directory: string): Promise<Report> => {
  const text = gunzipSync(readFileSync(join(directory, "expected.jsonl.gz"))).toString("utf8")
  const expected = text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Expected)
  let report: Report = { passed: 0, failed: 0, failures: [] }
  for (const name of ["stopped", "killed"]) {
    const archive = join(directory, `${name}.tar.gz`)
    if (existsSync(archive)) report = add(report, await runArchive(archive, name, expected))
  }
  return report
}
