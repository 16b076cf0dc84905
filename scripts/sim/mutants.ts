/**
 * Planted bugs: changes of the source that are made while it is loaded, for one run of the simulation only. Each has to
 * be found, as the anomaly that it should cause; one that nothing finds is a gap in the checker.
 *
 * Keeps true: nothing that ships knows of them. The text to be replaced must be there once, so that none is planted in vain.
 */
import * as NodeFs from "node:fs"
import * as NodeModule from "node:module"
import * as NodePath from "node:path"
import * as NodeUrl from "node:url"

/** A change of one file: `find` is there exactly once. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** A planted bug, and the anomalies that it may be found by. */
export interface Mutant {
  readonly name: string
  readonly causes: ReadonlyArray<string>
  readonly edits: ReadonlyArray<Edit>
}

const server = "packages/server/src"
const client = "packages/client/src"

export const mutants: ReadonlyArray<Mutant> = [
  {
    name: "acknowledge-before-sync",
    causes: ["lost-write", "inconsistent-offsets", "stuck", "streams-output", "torn-transaction"],
    edits: [{
      file: `${server}/replication/LeaderPartition.ts`,
      find: `return this.#durability.kind === "group-commit" ||`,
      replace: `return this.#durability.kind === "interval" ||`
    }]
  },
  {
    name: "swallow-sync-error",
    causes: ["lost-write", "inconsistent-offsets", "stuck", "streams-output", "torn-transaction"],
    edits: [{
      file: `${server}/storage/Segment.ts`,
      find: "return Effect.onExit(file.sync, (exit) =>",
      replace: "return Effect.onExit(Effect.ignore(file.sync), (exit) =>"
    }]
  },
  {
    name: "trust-page-cache-after-failed-sync",
    causes: ["lost-write", "inconsistent-offsets", "stuck", "streams-output", "torn-transaction"],
    edits: [{
      file: `${server}/storage/LogLoader.ts`,
      find: "  yield* writeAgain(segment, synced, scan.position)\n",
      replace: "  yield* writeAgain(segment, scan.position, scan.position)\n"
    }]
  },
  {
    name: "forget-producers-at-restart",
    causes: ["duplicate", "streams-output", "stuck", "aborted-read"],
    edits: [{
      file: `${server}/storage/ProducerState.ts`,
      find:
        "    const entry = this.#producers.get(RecordBatch.producerId(bytes, at))\n    if (entry === undefined || entry.producerEpoch !==",
      replace:
        "    const entry = undefined as ProducerEntry | undefined\n    if (entry === undefined || entry.producerEpoch !=="
    }]
  },
  {
    name: "no-sequence-check",
    causes: ["duplicate", "nonmonotonic-send"],
    edits: [
      {
        file: `${server}/storage/PartitionLog.ts`,
        find: "      if (original !== undefined) {",
        replace: "      if (original !== undefined && nowMs < 0) {"
      },
      {
        file: `${server}/storage/ProducerState.ts`,
        find: "    return isNext(last, sequence) ? undefined : outOfOrder(entry.producerId, sequence, last)",
        replace: "    return last < noSequence ? outOfOrder(entry.producerId, sequence, last) : undefined"
      }
    ]
  },
  {
    name: "ignore-last-stable-offset",
    causes: ["aborted-read", "torn-transaction", "streams-output", "stuck", "inconsistent-offsets"],
    edits: [{
      file: `${server}/replication/LeaderPartition.ts`,
      find: "      ? this.log.lastStableOffset\n      : this.log.highWatermark",
      replace: "      ? this.log.highWatermark\n      : this.log.highWatermark"
    }]
  },
  {
    name: "give-aborted-records",
    causes: ["aborted-read", "streams-output"],
    edits: [{
      file: `${client}/consumer/FetchedRecords.ts`,
      find: "if (isVoid || (isCurrent &&",
      replace: "if ((isVoid && at < 0) || (isCurrent &&"
    }]
  },
  {
    name: "commit-what-was-aborted",
    causes: ["aborted-read"],
    edits: [{
      file: `${server}/coordination/transaction/Markers.ts`,
      find: `transactionResult: transaction.status === "PrepareCommit",`,
      replace: `transactionResult: transaction.status !== "Ongoing",`
    }]
  },
  {
    name: "restore-stops-early",
    causes: ["streams-output"],
    edits: [{
      file: `${client}/streams/runtime/Restorer.ts`,
      find: "while (cursor.next() && record.offset < bound) {",
      replace: "while (cursor.next() && record.offset < Math.min(bound, chunk.highWatermark - 4)) {"
    }]
  },
  {
    name: "positions-outside-the-transaction",
    causes: ["streams-output", "stuck"],
    edits: [{
      file: `${client}/streams/runtime/Delivery.ts`,
      find: "(offsets.length === 0 ? Effect.void : producer.sendOffsets",
      replace: "(offsets.length >= 0 ? Effect.void : producer.sendOffsets"
    }]
  },
  {
    name: "recover-without-checksum",
    causes: ["stuck", "lost-write", "garbage-read", "inconsistent-offsets", "defect"],
    edits: [{
      file: `${server}/storage/LogLoader.ts`,
      find: "RecordBatch.lastOffsetDelta(bytes, at) < 0 || !RecordBatch.isValidCrc(bytes, at, compression.crc32c)",
      replace: "RecordBatch.lastOffsetDelta(bytes, at) < 0 || compression.crc32c === undefined"
    }]
  },
  {
    name: "skip-a-record",
    causes: ["poll-skip", "unseen", "lost-write", "streams-output", "stuck"],
    edits: [{
      file: `${client}/consumer/FetchedRecords.ts`,
      find: "    nextOffset = lastOffset + 1\n",
      replace: "    nextOffset = lastOffset + (lastOffset % 7 === 6 ? 2 : 1)\n"
    }]
  }
]

/** Plants a bug into what is loaded from now on. */
export const plant = ({ edits, name }: Mutant): void => {
  const root = NodePath.join(import.meta.dirname, "..", "..")
  const texts = new Map<string, string>()
  for (const { file, find, replace } of edits) {
    const path = NodePath.join(root, file)
    const text = texts.get(path) ?? NodeFs.readFileSync(path, "utf8")
    if (text.split(find).length !== 2) throw new Error(`mutant ${name}: its text is not there once in ${file}`)
    texts.set(path, text.replace(find, () => replace))
  }
  NodeModule.registerHooks({
    load: (url, context, nextLoad) => {
      const text = url.startsWith("file:") ? texts.get(NodeUrl.fileURLToPath(url)) : undefined
      return text === undefined
        ? nextLoad(url, context)
        : { format: "module", source: NodeModule.stripTypeScriptTypes(text), shortCircuit: true }
    }
  })
}
