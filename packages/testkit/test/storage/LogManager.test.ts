/** Log directories: whose they are, what goes where, what is kept and what is thrown away. */
import { assert, describe, it, vi } from "@effect/vitest"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as TestClock from "effect/testing/TestClock"
import { batchOf, configOf, startStorage, topicId } from "./harness.ts"

const client = { origin: "client", acksAll: true } as const

const textOf = Effect.fnUntraced(function*(disk: MemoryDisk.MemoryDisk, path: string) {
  const file = yield* disk.disk.open(path, "read")
  const bytes = new Uint8Array(yield* file.size)
  yield* file.read(bytes, 0)
  return new TextDecoder().decode(bytes)
})

const exists = (disk: MemoryDisk.MemoryDisk, path: string) => Effect.map(disk.disk.stat(path), Option.isSome)

const wanted = (partition: number, values: Readonly<Record<string, string>> = {}) => ({
  topic: "t",
  partition,
  topicId,
  config: configOf(values),
  leaderEpoch: 0
})

// Machines may be busy.
vi.setConfig({ testTimeout: 60_000 })

describe("LogManager", () => {
  it.effect("puts a new log where there are the fewest, and finds it again", () =>
    Effect.gen(function*() {
      const disk = MemoryDisk.make()
      const { manager, replicas, stop } = yield* startStorage(disk)
      for (let partition = 0; partition < 5; partition++) yield* replicas.create(wanted(partition))
      assert.deepStrictEqual(
        replicas.hosted().map(({ directory }) => directory),
        ["data-1/t-0", "data-2/t-1", "data-1/t-2", "data-2/t-3", "data-1/t-4"]
      )
      assert.strictEqual(replicas.getById(topicId, 3), replicas.get("t", 3))
      yield* stop(Exit.void)
      const again = yield* startStorage(disk)
      assert.strictEqual(again.manager.clusterId, manager.clusterId)
      assert.strictEqual(again.replicas.strays().length, 5)
      assert.isUndefined(again.replicas.get("t", 0))
      const other = yield* Effect.flip(again.replicas.create({ ...wanted(0), topicId: "AAAAAAAAAAAAAAAAAAAABQ" }))
      assert.strictEqual(other.code, ErrorCode.INCONSISTENT_TOPIC_ID)
      yield* again.replicas.create(wanted(0))
      assert.strictEqual(again.replicas.strays().length, 4)
    }))

  it.effect("does not bring back after a crash what was deleted, nor take a new log for an old one of its name", () =>
    Effect.gen(function*() {
      const disk = MemoryDisk.make()
      const first = yield* startStorage(disk)
      const partition = yield* first.replicas.create(wanted(0))
      const { lastOffset } = yield* partition.append(batchOf(9), client)
      yield* partition.awaitCommitted(lastOffset)
      assert.strictEqual(yield* partition.deleteRecords(7), 7)
      disk.crash()
      const second = yield* startStorage(disk)
      const survivor = yield* second.replicas.create(wanted(0))
      assert.deepStrictEqual([survivor.logStartOffset, survivor.logEndOffset], [7, 9])
      yield* second.replicas.delete("t", 0)
      const successor = yield* second.replicas.create({ ...wanted(0), topicId: "AAAAAAAAAAAAAAAAAAAABQ" })
      yield* Effect.flatMap(
        successor.append(batchOf(2), client),
        ({ lastOffset }) => successor.awaitCommitted(lastOffset)
      )
      disk.crash()
      const third = yield* startStorage(disk)
      const last = yield* third.replicas.create({ ...wanted(0), topicId: "AAAAAAAAAAAAAAAAAAAABQ" })
      assert.deepStrictEqual([last.logStartOffset, last.logEndOffset], [0, 2])
    }))

  it.effect("marks an orderly stop, and trusts it once", () =>
    Effect.gen(function*() {
      const disk = MemoryDisk.make()
      const first = yield* startStorage(disk)
      const partition = yield* first.replicas.create(wanted(0))
      const { lastOffset } = yield* partition.append(batchOf(3), client)
      yield* partition.awaitCommitted(lastOffset)
      assert.isFalse(yield* exists(disk, "data-1/.kafka_cleanshutdown"))
      yield* first.stop(Exit.void)
      assert.strictEqual(yield* textOf(disk, "data-1/.kafka_cleanshutdown"), `{"version":0,"brokerEpoch":-1}`)
      assert.strictEqual(yield* textOf(disk, "data-1/recovery-point-offset-checkpoint"), "0\n1\nt 0 3\n")
      assert.strictEqual(yield* textOf(disk, "data-1/replication-offset-checkpoint"), "0\n1\nt 0 3\n")
      assert.deepStrictEqual(
        (yield* disk.disk.list("data-1/t-0")).filter((name) => name.endsWith(".snapshot")),
        ["00000000000000000003.snapshot"]
      )
      const second = yield* startStorage(disk)
      assert.isTrue(second.manager.directories.every(({ clean }) => clean))
      assert.isFalse(yield* exists(disk, "data-1/.kafka_cleanshutdown"))
      disk.crash()
      const third = yield* startStorage(disk)
      assert.isTrue(third.manager.directories.every(({ clean }) => !clean))
      assert.strictEqual((yield* third.replicas.create(wanted(0))).logEndOffset, 3)
    }))

  it.effect("refuses directories of others", () =>
    Effect.gen(function*() {
      const disk = MemoryDisk.make()
      const { manager, stop } = yield* startStorage(disk)
      assert.strictEqual((yield* Effect.flip(startStorage(disk)))._tag, "DiskError")
      yield* stop(Exit.void)
      const reason = (options: Parameters<typeof startStorage>[1]) =>
        Effect.map(Effect.flip(startStorage(disk, options)), (error) => error.reason)
      assert.strictEqual(yield* reason({ nodeId: 2 }), "WrongDirectory")
      disk.crash()
      assert.strictEqual(yield* reason({ clusterId: "another" }), "WrongDirectory")
      disk.crash()
      const again = yield* startStorage(disk, { clusterId: manager.clusterId })
      assert.deepStrictEqual(
        again.manager.directories.map(({ directoryId }) => directoryId),
        manager.directories.map(({ directoryId }) => directoryId)
      )
    }))

  it.effect("deletes by another name first, and for good after file.delete.delay.ms", () =>
    Effect.gen(function*() {
      const disk = MemoryDisk.make()
      const { replicas, stop } = yield* startStorage(disk)
      yield* replicas.create(wanted(0))
      yield* replicas.delete("t", 0)
      yield* replicas.delete("t", 0)
      const names = Effect.map(disk.disk.list("data-1"), (all) => all.filter((name) => name.startsWith("t-")))
      const [renamed] = yield* names
      assert.match(renamed!, /^t-0\.[0-9a-f]{32}-delete$/)
      yield* replicas.create({ ...wanted(0), topicId: "AAAAAAAAAAAAAAAAAAAABQ" })
      yield* TestClock.adjust("61 seconds")
      assert.deepStrictEqual(yield* names, ["t-0"])
      yield* replicas.delete("t", 0)
      yield* stop(Exit.void)
      yield* startStorage(disk)
      assert.deepStrictEqual(yield* names, [])
    }))

  it.effect("keeps to retention by time, for hosted logs only, and remembers where logs start", () =>
    Effect.gen(function*() {
      const disk = MemoryDisk.make()
      // Days go by in this test: the loops that are not its point sleep longer.
      const rare = { highWatermarkCheckpointIntervalMs: 86_400_000, flushOffsetCheckpointIntervalMs: 86_400_000 }
      const first = yield* startStorage(disk, rare)
      const partition = yield* first.replicas.create(wanted(0, { "retention.ms": "3600000" }))
      for (let index = 0; index < 10; index++) {
        yield* TestClock.setTime(index * 600_000)
        const { lastOffset } = yield* partition.append(batchOf(1, { size: 1500, timestamp: index * 600_000 }), client)
        yield* partition.awaitCommitted(lastOffset)
      }
      yield* TestClock.adjust("10 minutes")
      assert.isAbove(partition.logStartOffset, 1)
      assert.isBelow(partition.logStartOffset, 9)
      const kept = partition.logStartOffset
      yield* partition.deleteRecords(kept + 1)
      yield* first.stop(Exit.void)
      const second = yield* startStorage(disk, rare)
      yield* TestClock.adjust("2 days")
      const again = yield* second.replicas.create(wanted(0, { "retention.ms": "3600000" }))
      assert.strictEqual(again.logStartOffset, kept + 1, "nobody had said how long to keep it")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(again.logStartOffset, 10)
      assert.strictEqual(again.logEndOffset, 10)
      yield* TestClock.adjust("1 minute")
      const left = (yield* disk.disk.list("data-1/t-0")).filter((name) => name.endsWith(".log"))
      assert.deepStrictEqual(left, ["00000000000000000010.log"])
    }))
})
