/**
 * Bugs of logs: what is durable, what is visible, what is known after a restart.
 */
import { type Mutant, server, testkit } from "./Mutant.ts"

/** What is acknowledged is gone after a loss of power: records of clients, changes of stores, positions, transactions. */
const losses = [
  "lost-write",
  "precommitted-read",
  "torn-transaction",
  "inconsistent-offsets",
  "aborted-read",
  "streams-output",
  "duplicate",
  "unseen",
  "nonmonotonic-poll"
] as const

export const storage: ReadonlyArray<Mutant> = [
  {
    name: "acknowledge-before-sync",
    does: "acknowledges what only the page cache holds",
    causes: [...losses, "stuck"],
    seedsMax: 200,
    edits: [{
      file: `${server}/replication/LeaderPartition.ts`,
      find: `return this.#durability.kind === "group-commit" ||`,
      replace: `return this.#durability.kind === "interval" ||`
    }]
  },
  {
    name: "high-watermark-too-far",
    does: "moves the high watermark one record beyond what is synced",
    causes: [...losses, "stuck"],
    seedsMax: 400,
    edits: [{
      file: `${server}/replication/LeaderPartition.ts`,
      find: "        if (this.#mustSync) {\n          this.#flusher.request(this)\n",
      replace:
        "        if (this.#mustSync) {\n          this.#flusher.request(this)\n          this.#advance(Math.min(this.log.recoveryPoint + 1, this.log.logEndOffset))\n"
    }]
  },
  {
    name: "swallow-sync-error",
    does: "takes a failed sync for one that succeeded",
    causes: [...losses, "stuck"],
    seedsMax: 600,
    edits: [{
      file: `${server}/storage/Segment.ts`,
      find: "return Effect.onExit(file.sync, (exit) =>",
      replace: "return Effect.onExit(Effect.ignore(file.sync), (exit) =>"
    }]
  },
  {
    name: "trust-page-cache-after-failed-sync",
    does: "does not write again, at a restart, what a failed sync has left in the page cache only",
    causes: [...losses, "stuck"],
    seedsMax: 800,
    edits: [{
      file: `${server}/storage/LogLoader.ts`,
      find: "  yield* writeAgain(segment, synced, scan.position)\n",
      replace: "  yield* writeAgain(segment, scan.position, scan.position)\n"
    }]
  },
  {
    name: "recover-without-checksum",
    does: "keeps torn batches at recovery",
    causes: [...losses, "garbage-read", "defect", "stuck"],
    seedsMax: 600,
    edits: [{
      file: `${server}/storage/LogLoader.ts`,
      find: "RecordBatch.lastOffsetDelta(bytes, at) < 0 || !RecordBatch.isValidCrc(bytes, at, compression.crc32c)",
      replace: "RecordBatch.lastOffsetDelta(bytes, at) < 0 || compression.crc32c === undefined"
    }],
    hardships: [{
      file: `${testkit}/simulation/SimulatedDisk.ts`,
      find: "const tornShare = 0.3\nconst borderShare = 0.7\nconst zerosShare = 0.5\n",
      replace: "const tornShare = 1\nconst borderShare = 0\nconst zerosShare = 1\n"
    }]
  },
  {
    name: "index-off-by-one",
    does: "looks offsets up one entry too far in the index",
    causes: [
      "precommitted-read",
      "int-poll-skip",
      "poll-skip",
      "lost-write",
      "streams-output",
      "unseen",
      "torn-transaction"
    ],
    seedsMax: 50,
    edits: [{
      file: `${server}/storage/OffsetIndex.ts`,
      find: "    return entry < 0 ? 0 : this.#positionAt(entry)\n",
      replace: "    return entry < 0 ? 0 : this.#positionAt(Math.min(entry + 1, this.file.count - 1))\n"
    }]
  },
  {
    name: "no-sequence-check",
    does: "appends batches whatever their sequence",
    causes: ["duplicate", "int-nonmonotonic-send", "nonmonotonic-send"],
    seedsMax: 400,
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
    name: "no-epoch-check",
    does: "takes batches and commits of producers that were fenced",
    causes: ["aborted-read", "precommitted-read", "torn-transaction", "streams-output", "duplicate"],
    seedsMax: 300,
    edits: [{
      file: `${server}/storage/ProducerState.ts`,
      find: "    return producerEpoch >= entry.producerEpoch ? undefined : PartitionError.make(",
      replace: "    return producerEpoch >= 0 ? undefined : PartitionError.make("
    }, {
      file: `${server}/storage/ProducerState.ts`,
      find: "entry.currentTransactionFirstOffset >= 0 && entry.producerEpoch === producerEpoch",
      replace: "entry.currentTransactionFirstOffset >= 0 && producerEpoch >= 0"
    }]
  },
  {
    name: "ignore-last-stable-offset",
    does: "gives readers of committed records what is not yet committed",
    causes: ["G1c", "aborted-read", "precommitted-read", "streams-output"],
    seedsMax: 50,
    edits: [{
      file: `${server}/replication/LeaderPartition.ts`,
      find: "      ? this.log.lastStableOffset\n      : this.log.highWatermark",
      replace: "      ? this.log.highWatermark\n      : this.log.highWatermark"
    }]
  },
  {
    name: "lose-aborted-index",
    does: "does not note aborted transactions again at recovery",
    causes: ["aborted-read", "precommitted-read", "torn-transaction", "streams-output", "unseen", "stuck"],
    seedsMax: 200,
    edits: [{
      file: `${server}/storage/LogLoader.ts`,
      find: "  if (completed?.aborted === true) {",
      replace: "  if (completed?.aborted === true && loading.clean) {"
    }]
  },
  {
    name: "stale-producer-snapshot",
    does: "leaves open transactions out of the snapshots of producers",
    causes: ["aborted-read", "precommitted-read", "torn-transaction", "streams-output", "G1c"],
    seedsMax: 500,
    edits: [{
      file: `${server}/storage/ProducerSnapshot.ts`,
      find: "    writeInt64(bytes, at + 38, entry.currentTransactionFirstOffset)",
      replace: "    writeInt64(bytes, at + 38, -1)"
    }]
  }
]
