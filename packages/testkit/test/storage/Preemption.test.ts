/** Writers, readers and retention on one partition, under a scheduler that stops a fiber between any two operations. */
import { NodeCompression } from "@millrace/core/node"
import { assert, describe, it, vi } from "@effect/vitest"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import type { Partition } from "@millrace/server/replication/Partition"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { simulate } from "../preempting.ts"
import { batchOf, configOf, startStorage, topicId } from "./harness.ts"

const batchesPerWriter = 12
const client = { origin: "client", acksAll: true } as const

/** Writes in sequence, some batches before the last is acknowledged; offsets have to ascend. */
const writer = Effect.fnUntraced(function*(partition: Partition, producerId: number) {
  let last = -1
  for (let index = 0; index < batchesPerWriter; index++) {
    const records = batchOf(2, { size: 150, mark: producerId, producerId, producerEpoch: 0, baseSequence: index * 2 })
    const { baseOffset, duplicate, lastOffset } = yield* partition.append(records, client)
    assert.isFalse(duplicate)
    assert.isAbove(baseOffset, last)
    last = lastOffset
    if (index % 2 === 0) yield* partition.awaitCommitted(lastOffset)
  }
  yield* partition.awaitCommitted(last)
})

/** Follows the log; sees every offset once, whole batches, none beyond the high watermark. */
const reader = Effect.fnUntraced(function*(partition: Partition, total: number) {
  let offset = 0
  while (offset < total) {
    const answer = yield* partition.read({ offset, maxBytes: 900, minOneMessage: true, isolation: "read_uncommitted" })
    for (const bytes of answer.records) {
      for (let at = 0, size = 0; (size = Records.nextBatchUnsafe(bytes, at, bytes.length)) > 0; at += size) {
        assert.strictEqual(RecordBatch.baseOffset(bytes, at), offset)
        assert.isTrue(RecordBatch.isValidCrc(bytes, at))
        offset = RecordBatch.nextOffset(bytes, at)
      }
    }
    assert.isAtMost(offset, partition.highWatermark)
    if (answer.sizeBytes === 0) yield* partition.awaitHighWatermark(offset + 1)
  }
})

const program = Effect.gen(function*() {
  const disk = MemoryDisk.make()
  const { manager, replicas, stop } = yield* startStorage(disk, { retentionCheckIntervalMs: 10 })
  const config = configOf({ "retention.ms": "-1" })
  const partition = yield* replicas.create({ topic: "t", partition: 0, topicId, config, leaderEpoch: 0 })
  const writers = [1, 2, 3]
  const total = writers.length * batchesPerWriter * 2
  yield* Effect.forEach(
    [...writers.map((id) => writer(partition, id)), reader(partition, total), reader(partition, total)],
    (fiber) => fiber,
    { concurrency: "unbounded", discard: true }
  )
  assert.strictEqual(partition.highWatermark, total)
  assert.isAbove(manager.logs()[0]!.segments.all.length, 2)
  // Nothing was told to be durable that is not.
  disk.crash()
  const again = yield* startStorage(disk)
  const survivor = yield* again.replicas.create({ topic: "t", partition: 0, topicId, config, leaderEpoch: 1 })
  assert.strictEqual(survivor.logEndOffset, total)
  yield* again.stop(Exit.void)
  void stop
}).pipe(Effect.provide(NodeCompression.layer))

/** Partitions come and go at once: each ends as the last request for it wants, and no directory gets more than its share. */
const creation = Effect.gen(function*() {
  const { replicas, stop } = yield* startStorage(MemoryDisk.make())
  const config = configOf()
  const wanted = Array.from({ length: 12 }, (_, partition) => ({
    topic: "t",
    partition,
    topicId,
    config,
    leaderEpoch: 0
  }))
  const [made, same] = yield* Effect.all([
    Effect.forEach(wanted, replicas.create, { concurrency: "unbounded" }),
    Effect.forEach(wanted, replicas.create, { concurrency: "unbounded" })
  ], { concurrency: "unbounded" })
  assert.deepStrictEqual(made.map((one, index) => one === same[index]), wanted.map(() => true))
  const inFirst = made.filter(({ directory }) => directory.startsWith("data-1/")).length
  assert.strictEqual(inFirst, wanted.length / 2)
  yield* Effect.forEach(
    wanted,
    (one) => Effect.andThen(replicas.delete("t", one.partition), replicas.create(one)),
    { concurrency: "unbounded", discard: true }
  )
  assert.strictEqual(replicas.hosted().length, wanted.length)
  yield* stop(Exit.void)
}).pipe(Effect.provide(NodeCompression.layer))

// Machines may be busy.
vi.setConfig({ testTimeout: 60_000 })

describe("a partition", () => {
  it("keeps its promises whenever its fibers are interrupted by others", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const exit = simulate(seed, program)
      if (Exit.isFailure(exit)) assert.fail(`seed ${seed}: ${Cause.pretty(exit.cause)}`)
    }
  })
  it("comes into being once, beside others", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const exit = simulate(seed, creation)
      if (Exit.isFailure(exit)) assert.fail(`seed ${seed}: ${Cause.pretty(exit.cause)}`)
    }
  })
})
