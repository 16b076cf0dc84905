/** A partition as its clients meet it: what counts, who may see it, who is refused. */
import { assert, describe, it, vi } from "@effect/vitest"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { DiskError, File } from "@millrace/core/platform/Disk"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import * as Compression from "@millrace/core/records/Compression"
import type { Partition, PartitionError } from "@millrace/server/replication/Partition"
import { make as partitionError } from "@millrace/server/storage/PartitionError"
import type { LogManagerOptions } from "@millrace/server/storage/LogManager"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Semaphore from "effect/Semaphore"
import * as TestClock from "effect/testing/TestClock"
import { batchOf, configOf, startStorage, topicId } from "./harness.ts"

const client = { origin: "client", acksAll: true } as const

/** A disk whose syncs of log files wait for a latch, or fail. */
const slowDisk = () => {
  const memory = MemoryDisk.make()
  const gate = Latch.makeUnsafe(true)
  const slow = (file: File): File =>
    file.path.endsWith(".log") ? { ...file, sync: Effect.andThen(gate.await, file.sync) } : file
  const disk = {
    ...memory.disk,
    open: (path: string, mode: "read" | "write" | "create") => Effect.map(memory.disk.open(path, mode), slow)
  }
  return { gate, memory: { ...memory, disk } }
}

const hosted = Effect.fnUntraced(function*(
  disk: MemoryDisk.MemoryDisk,
  options: Partial<LogManagerOptions> = {},
  values: Readonly<Record<string, string>> = {}
) {
  const storage = yield* startStorage(disk, options)
  const config = configOf(values)
  const partition = yield* storage.replicas.create({ topic: "t", partition: 0, topicId, config, leaderEpoch: 3 })
  return { ...storage, partition }
})

const codeOf = <A>(effect: Effect.Effect<A, PartitionError>) =>
  Effect.match(effect, { onFailure: ({ code }) => code, onSuccess: () => 0 })

const committed = Effect.fnUntraced(function*(partition: Partition, records: Uint8Array) {
  const result = yield* partition.append(records, client)
  yield* partition.awaitCommitted(result.lastOffset)
  return result
})

const readAt = (
  partition: Partition,
  offset: number,
  options: { readonly maxBytes?: number; readonly minOneMessage?: boolean; readonly isolation?: "read_committed" } = {}
) => partition.read({ offset, maxBytes: 10_000, minOneMessage: true, isolation: "read_uncommitted", ...options })

const offsetsOf = (records: ReadonlyArray<Uint8Array>): ReadonlyArray<number> =>
  records.flatMap((bytes) => Records.readAllUnsafe(bytes, Compression.uncompressed).map(({ offset }) => offset))

// Machines may be busy.
vi.setConfig({ testTimeout: 60_000 })

describe("group commit", () => {
  it.effect("neither acknowledges nor shows what is not synced, and shares one sync among all that wait", () =>
    Effect.gen(function*() {
      const { gate, memory } = slowDisk()
      const { partition } = yield* hosted(memory)
      gate.closeUnsafe()
      const first = yield* partition.append(batchOf(2), client)
      const waiting = yield* Effect.forkChild(partition.awaitCommitted(first.lastOffset))
      for (let index = 0; index < 9; index++) yield* partition.append(batchOf(1), client)
      const last = yield* Effect.forkChild(partition.awaitCommitted(10))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(partition.highWatermark, 0)
      assert.strictEqual(partition.logEndOffset, 11)
      assert.strictEqual((yield* readAt(partition, 0)).sizeBytes, 0)
      assert.isUndefined(waiting.pollUnsafe())
      gate.openUnsafe()
      yield* Fiber.join(waiting)
      yield* Fiber.join(last)
      assert.strictEqual(partition.highWatermark, 11)
      assert.deepStrictEqual(offsetsOf((yield* readAt(partition, 0)).records), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    }))

  it.effect("counts a record only if the sync began after it was written", () =>
    Effect.gen(function*() {
      const memory = MemoryDisk.make()
      const permits = Semaphore.makeUnsafe(0)
      let guarded = false
      const disk = {
        ...memory.disk,
        open: (path: string, mode: "read" | "write" | "create") =>
          Effect.map(memory.disk.open(path, mode), (file): File => ({
            ...file,
            sync: Effect.suspend(() => guarded ? Effect.andThen(permits.take(1), file.sync) : file.sync)
          }))
      }
      const { partition } = yield* hosted({ ...memory, disk })
      guarded = true
      yield* partition.append(batchOf(1), client)
      yield* TestClock.adjust("1 millis")
      yield* partition.append(batchOf(1), client)
      yield* permits.release(1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(partition.highWatermark, 1)
      yield* permits.release(1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(partition.highWatermark, 2)
    }))

  it.effect("takes the log offline when a sync fails, for good, and tells whoever waits", () =>
    Effect.gen(function*() {
      const memory = MemoryDisk.make()
      let failing = false
      const broken: Effect.Effect<void, DiskError> = Effect.suspend(() =>
        Effect.flatMap(
          Effect.sync(() => memory.failAt(memory.operations(), "Io")),
          () => memory.disk.makeDirectory("x")
        )
      )
      const disk = {
        ...memory.disk,
        open: (path: string, mode: "read" | "write" | "create") =>
          Effect.map(memory.disk.open(path, mode), (file): File => ({
            ...file,
            sync: Effect.suspend(() => failing && path.endsWith(".log") ? broken : file.sync)
          }))
      }
      const { partition } = yield* hosted({ ...memory, disk })
      yield* committed(partition, batchOf(1))
      failing = true
      const { lastOffset } = yield* partition.append(batchOf(1), client)
      assert.strictEqual(yield* codeOf(partition.awaitCommitted(lastOffset)), ErrorCode.KAFKA_STORAGE_ERROR)
      failing = false
      assert.isTrue(partition.offline)
      assert.strictEqual(partition.highWatermark, 1)
      assert.strictEqual(yield* codeOf(partition.append(batchOf(1), client)), ErrorCode.KAFKA_STORAGE_ERROR)
      assert.strictEqual(yield* codeOf(readAt(partition, 0)), ErrorCode.KAFKA_STORAGE_ERROR)
    }))

  it.effect("is not waited for with `os`, nor with `interval`, which syncs in time", () =>
    Effect.gen(function*() {
      for (const durability of [{ kind: "os" }, { kind: "interval", intervalMs: 100 }] as const) {
        const disk = MemoryDisk.make()
        const { partition } = yield* hosted(disk, { durability })
        yield* partition.append(batchOf(1), client)
        assert.strictEqual(partition.highWatermark, 1)
        yield* TestClock.adjust("1 second")
        disk.crash()
        const again = yield* hosted(disk)
        assert.strictEqual(again.partition.logEndOffset, durability.kind === "os" ? 0 : 1)
      }
    }))

  it.effect("lets no more records wait for a sync than `flush.messages` says, even with `os`", () =>
    Effect.gen(function*() {
      const { gate, memory } = slowDisk()
      const { partition } = yield* hosted(memory, { durability: { kind: "os" } }, { "flush.messages": "5" })
      gate.closeUnsafe()
      yield* partition.append(batchOf(4), client)
      assert.strictEqual(partition.highWatermark, 4)
      const { lastOffset } = yield* partition.append(batchOf(1), client)
      const waiting = yield* Effect.forkChild(partition.awaitCommitted(lastOffset))
      yield* TestClock.adjust("1 second")
      assert.isUndefined(waiting.pollUnsafe())
      gate.openUnsafe()
      yield* Fiber.join(waiting)
      memory.crash()
      const again = yield* hosted(memory)
      assert.strictEqual(again.partition.logEndOffset, 5)
    }))
})

describe("reading", () => {
  it.effect("gives whole batches from the one with the offset, the first even if it is too large", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make(), {}, { "internal.segment.bytes": "100000" })
      for (let index = 0; index < 20; index++) yield* committed(partition, batchOf(3, { size: 100 }))
      const size = batchOf(3, { size: 100 }).length
      assert.deepStrictEqual(offsetsOf((yield* readAt(partition, 7, { maxBytes: 1 })).records), [6, 7, 8])
      assert.strictEqual((yield* readAt(partition, 7, { maxBytes: 1, minOneMessage: false })).sizeBytes, 0)
      assert.strictEqual((yield* readAt(partition, 7, { maxBytes: 2 * size + 50 })).sizeBytes, 2 * size)
      assert.strictEqual((yield* readAt(partition, 60)).sizeBytes, 0)
      assert.strictEqual(yield* codeOf(readAt(partition, 61)), ErrorCode.OFFSET_OUT_OF_RANGE)
      assert.strictEqual(yield* partition.deleteRecords(30), 30)
      assert.strictEqual(yield* codeOf(readAt(partition, 29)), ErrorCode.OFFSET_OUT_OF_RANGE)
      assert.strictEqual(yield* codeOf(partition.deleteRecords(61)), ErrorCode.OFFSET_OUT_OF_RANGE)
      assert.strictEqual(yield* partition.deleteRecords(-1), 60)
    }))

  it.effect("stops at the end of a segment", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make())
      for (let index = 0; index < 10; index++) yield* committed(partition, batchOf(1, { size: 700 }))
      assert.deepStrictEqual(offsetsOf((yield* readAt(partition, 0)).records), [0, 1])
      assert.deepStrictEqual(offsetsOf((yield* readAt(partition, 2)).records), [2, 3])
    }))

  it.effect("of committed records ends at open transactions and names aborted ones", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make())
      const producer = { producerId: 5, producerEpoch: 0, transactional: true }
      const marker = { producerId: 5, producerEpoch: 0, coordinatorEpoch: 0 }
      const isolation = { isolation: "read_committed" } as const
      yield* committed(partition, batchOf(2))
      yield* committed(partition, batchOf(2, { ...producer, baseSequence: 0 }))
      assert.strictEqual(partition.lastStableOffset, 2)
      assert.deepStrictEqual(offsetsOf((yield* readAt(partition, 0, isolation)).records), [0, 1])
      const { lastOffset } = yield* partition.writeTransactionMarker({ ...marker, commit: false })
      yield* partition.awaitCommitted(lastOffset)
      assert.strictEqual(partition.lastStableOffset, 5)
      const { abortedTransactions, records } = yield* readAt(partition, 0, isolation)
      assert.deepStrictEqual(abortedTransactions, [{ producerId: 5, firstOffset: 2 }])
      assert.deepStrictEqual(offsetsOf(records), [0, 1, 2, 3, 4])
      assert.isNull((yield* readAt(partition, 0)).abortedTransactions)
      yield* committed(partition, batchOf(1, { ...producer, baseSequence: 2 }))
      assert.strictEqual(partition.activeProducers()[0]?.currentTransactionStartOffset, 5)
      yield* partition.writeTransactionMarker({ ...marker, commit: true })
      yield* partition.awaitHighWatermark(7)
      assert.strictEqual(partition.lastStableOffset, 7)
      assert.deepStrictEqual((yield* readAt(partition, 5, isolation)).abortedTransactions, [])
    }))

  it.effect("knows leader epochs", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make())
      yield* committed(partition, batchOf(2))
      const at = (currentLeaderEpoch: number) =>
        codeOf(
          partition.read({ offset: 0, maxBytes: 1, minOneMessage: true, isolation: "log_end", currentLeaderEpoch })
        )
      assert.deepStrictEqual(
        [yield* at(-1), yield* at(3), yield* at(2), yield* at(4)],
        [0, 0, ErrorCode.FENCED_LEADER_EPOCH, ErrorCode.UNKNOWN_LEADER_EPOCH]
      )
      yield* partition.becomeLeader(7)
      yield* committed(partition, batchOf(1))
      assert.deepStrictEqual(yield* partition.endOffsetForEpoch(3), { epoch: 3, endOffset: 2 })
      assert.deepStrictEqual(yield* partition.endOffsetForEpoch(7), { epoch: 7, endOffset: 3 })
      const diverging = yield* partition.read({
        offset: 3,
        maxBytes: 1,
        minOneMessage: true,
        isolation: "log_end",
        lastFetchedEpoch: 5
      })
      assert.deepStrictEqual(diverging.divergingEpoch, { epoch: 3, endOffset: 2 })
      assert.strictEqual(yield* codeOf(partition.becomeLeader(6)), ErrorCode.FENCED_LEADER_EPOCH)
    }))

  it.effect("finds offsets by timestamp", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make())
      const none = { timestamp: -1, offset: -1, leaderEpoch: -1 }
      assert.deepStrictEqual(yield* partition.maxTimestampOffset(), none)
      for (const [index, timestamp] of [100, 300, 200, 900, 400, 500].entries()) {
        yield* committed(partition, batchOf(3, { size: 400, timestamp, mark: index }))
      }
      const at = (timestamp: number) => partition.offsetForTimestamp(timestamp, "read_uncommitted")
      assert.deepStrictEqual(yield* at(0), { timestamp: 100, offset: 0, leaderEpoch: 3 })
      assert.deepStrictEqual(yield* at(102), { timestamp: 102, offset: 2, leaderEpoch: 3 })
      assert.deepStrictEqual(yield* at(201), { timestamp: 300, offset: 3, leaderEpoch: 3 })
      assert.deepStrictEqual(yield* at(303), { timestamp: 900, offset: 9, leaderEpoch: 3 })
      assert.deepStrictEqual(yield* at(903), none)
      assert.deepStrictEqual(yield* partition.maxTimestampOffset(), { timestamp: 902, offset: 11, leaderEpoch: 3 })
      assert.strictEqual((yield* partition.earliestOffset()).offset, 0)
      assert.strictEqual((yield* partition.latestOffset("read_committed")).offset, 18)
    }))
})

describe("appending", () => {
  it.effect("answers a retry with the first answer", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make())
      const producer = { producerId: 5, producerEpoch: 0 }
      yield* committed(partition, batchOf(4))
      const first = yield* committed(partition, batchOf(2, { ...producer, baseSequence: 0 }))
      yield* committed(partition, batchOf(2, { ...producer, baseSequence: 2 }))
      const again = yield* partition.append(batchOf(2, { ...producer, baseSequence: 0 }), client)
      assert.deepStrictEqual(again, { ...first, duplicate: true })
      assert.strictEqual(partition.logEndOffset, 8)
      assert.strictEqual(
        yield* codeOf(partition.append(batchOf(1, { ...producer, baseSequence: 5 }), client)),
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
      )
    }))

  it.effect("writes a transaction only if its coordinator vouches for it, and still does when it is written", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make())
      const records = () => batchOf(1, { producerId: 5, producerEpoch: 0, baseSequence: 0, transactional: true })
      const asked: Array<unknown> = []
      const ended = {
        ...client,
        verifyTransaction: (transaction: unknown) =>
          Effect.suspend(() => {
            asked.push(transaction)
            const marker = { producerId: 5, producerEpoch: 0, coordinatorEpoch: 0, commit: false }
            return Effect.asVoid(partition.writeTransactionMarker(marker))
          })
      }
      assert.strictEqual(yield* codeOf(partition.append(records(), ended)), ErrorCode.INVALID_TXN_STATE)
      assert.deepStrictEqual(asked, [{ topic: "t", partition: 0, producerId: 5, producerEpoch: 0 }])
      yield* partition.append(records(), { ...client, verifyTransaction: () => Effect.void })
      const next = batchOf(1, { producerId: 5, producerEpoch: 0, baseSequence: 1, transactional: true })
      yield* partition.append(next, ended)
      assert.strictEqual(asked.length, 1, "an open transaction needs no word")
    }))

  it.effect("lets a transaction begin whose predecessor's marker comes while its coordinator is asked", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make())
      const producer = { producerId: 5, baseSequence: 0, transactional: true }
      const batch = (producerEpoch: number) => batchOf(1, { ...producer, producerEpoch })
      yield* partition.append(batch(0), { ...client, verifyTransaction: () => Effect.void })
      let asked = 0
      const ending = Effect.gen(function*() {
        if (++asked > 1) return
        // under the second protocol a marker has the epoch of the next transaction
        yield* partition.writeTransactionMarker({ producerId: 5, producerEpoch: 1, coordinatorEpoch: 0, commit: true })
        return yield* partitionError(ErrorCode.CONCURRENT_TRANSACTIONS, "the transaction before is still ending")
      })
      const appending = yield* Effect.forkChild(
        partition.append(batch(1), { ...client, verifyTransaction: () => ending })
      )
      yield* TestClock.adjust("1 second")
      const { baseOffset } = yield* Fiber.join(appending)
      assert.deepStrictEqual([asked, baseOffset], [2, 2])
    }))

  it.effect("gives a transaction up whose predecessor does not end in time", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make())
      const batch = batchOf(1, { producerId: 5, producerEpoch: 0, baseSequence: 0, transactional: true })
      let asked = 0
      const verifyTransaction = () =>
        Effect.suspend(() => {
          asked++
          return Effect.fail(
            partitionError(ErrorCode.CONCURRENT_TRANSACTIONS, "the transaction before is still ending")
          )
        })
      const appending = yield* Effect.forkChild(codeOf(
        partition.append(batch, { ...client, verifyTransaction, verifyRetry: { backoffMs: 10, maxMs: 25 } })
      ))
      yield* TestClock.adjust(19)
      assert.strictEqual(asked, 2)
      yield* TestClock.adjust(11)
      assert.strictEqual(yield* Fiber.join(appending), ErrorCode.CONCURRENT_TRANSACTIONS)
      assert.strictEqual(asked, 4)
    }))

  it.effect("does not begin a transaction anew that has ended since it was found open", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make())
      const producer = { producerId: 5, producerEpoch: 0 }
      const records = (baseSequence: number) => batchOf(1, { ...producer, baseSequence, transactional: true })
      const marker = { ...producer, coordinatorEpoch: 0, commit: false }
      const vouched = { ...client, verifyTransaction: () => Effect.void }
      yield* partition.append(records(0), vouched)
      const open = yield* partition.verifyTransaction(producer, Effect.die("it is open"))
      yield* partition.writeTransactionMarker(marker)
      const late = { origin: "coordinator", acksAll: true, verification: open } as const
      assert.strictEqual(yield* codeOf(partition.append(records(1), late)), ErrorCode.INVALID_TXN_STATE)
      yield* Effect.flatMap(partition.latestOffset("log_end"), ({ offset }) => partition.awaitHighWatermark(offset))
      assert.strictEqual(partition.lastStableOffset, partition.logEndOffset)
    }))

  it.effect("serialises whoever comes", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make())
      const results = yield* Effect.forEach(
        Array.from({ length: 50 }, (_, mark) => batchOf(2, { mark, size: 60 })),
        (records) => committed(partition, records),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        results.map(({ baseOffset }) => baseOffset).sort((one, other) => one - other),
        Array.from({ length: 50 }, (_, index) => index * 2)
      )
    }))

  it.effect("rolls on record time, so that a marker after old records begins a segment", () =>
    Effect.gen(function*() {
      const { partition } = yield* hosted(MemoryDisk.make(), {}, { "segment.ms": "1000" })
      yield* TestClock.setTime(100_000)
      const producer = { producerId: 5, producerEpoch: 0, transactional: true, baseSequence: 0 }
      yield* committed(partition, batchOf(1, { ...producer, timestamp: 5 }))
      const marker = { producerId: 5, producerEpoch: 0, coordinatorEpoch: 0, commit: true }
      const { lastOffset } = yield* partition.writeTransactionMarker(marker)
      yield* partition.awaitCommitted(lastOffset)
      const { records } = yield* readAt(partition, 0)
      assert.strictEqual(RecordBatch.nextOffset(records[0]!, 0), 1)
      assert.strictEqual(records[0]!.length, RecordBatch.sizeInBytes(records[0]!, 0))
    }))
})

describe("waiting", () => {
  it.effect("misses nothing, wakes on commits and on deletion, and ends with its scope", () =>
    Effect.gen(function*() {
      const { partition, replicas, stop } = yield* hosted(MemoryDisk.make())
      yield* Effect.scoped(Effect.gen(function*() {
        const waiter = yield* replicas.watch([partition])
        yield* committed(partition, batchOf(1))
        yield* waiter.await
        waiter.reset()
        const waiting = yield* Effect.forkChild(waiter.await)
        yield* TestClock.adjust("1 second")
        assert.isUndefined(waiting.pollUnsafe())
        const never = yield* Effect.forkChild(codeOf(partition.awaitHighWatermark(99)))
        yield* TestClock.adjust("1 second")
        yield* replicas.delete("t", 0)
        yield* Fiber.join(waiting)
        assert.strictEqual(yield* Fiber.join(never), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      }))
      assert.isUndefined(replicas.get("t", 0))
      assert.strictEqual(yield* codeOf(partition.append(batchOf(1), client)), ErrorCode.NOT_LEADER_OR_FOLLOWER)
      yield* stop(Exit.void)
    }))
})
