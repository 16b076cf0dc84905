/** The machine dies at every operation on its disk in turn: what was acknowledged is there afterwards, in order. */
import { assert, describe, it, vi } from "@effect/vitest"
import { DiskError, type File } from "@millrace/core/platform/Disk"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import type { Partition } from "@millrace/server/replication/Partition"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { batchOf, configOf, startStorage, topicId } from "./harness.ts"

const producerId = 7
const config = configOf()
const recordsPerBatch = 3
const batches = 14

/** A process's own view of a disk, which ends at the given operation and leaves to the next whatever was written. */
const mortal = (memory: MemoryDisk.MemoryDisk, lastOperation: number): MemoryDisk.MemoryDisk => {
  const begun = memory.operations()
  const alive = <A>(operation: Effect.Effect<A, DiskError>): Effect.Effect<A, DiskError> =>
    Effect.suspend(() =>
      memory.operations() - begun < lastOperation
        ? operation
        : Effect.fail(new DiskError({ reason: "Io", operation: "any", path: "the process is dead" }))
    )
  const { disk } = memory
  const fileOf = (file: File): File => ({
    ...file,
    read: (target, position) => alive(file.read(target, position)),
    write: (chunks, position) => alive(file.write(chunks, position)),
    truncate: (size) => alive(file.truncate(size)),
    sync: alive(file.sync),
    size: alive(file.size)
  })
  return {
    ...memory,
    disk: {
      ...disk,
      open: (path, mode) => Effect.map(alive(disk.open(path, mode)), fileOf),
      list: (path) => alive(disk.list(path)),
      stat: (path) => alive(disk.stat(path)),
      makeDirectory: (path) => alive(disk.makeDirectory(path)),
      remove: (path) => alive(disk.remove(path)),
      rename: (from, to) => alive(disk.rename(from, to)),
      syncDirectory: (path) => alive(disk.syncDirectory(path)),
      lock: () => Effect.void
    }
  }
}

const produced = (index: number): Uint8Array =>
  batchOf(recordsPerBatch, {
    mark: index,
    size: 120,
    producerId,
    producerEpoch: 0,
    baseSequence: index * recordsPerBatch
  })

const options = { origin: "client", acksAll: true } as const

/** What a client knows to be written, and what another has read. */
interface Witness {
  acknowledged: number
  seen: number
}

/** Writes until the disk fails or all is written. */
const work = Effect.fnUntraced(function*(disk: MemoryDisk.MemoryDisk, witness: Witness) {
  const { replicas, stop } = yield* startStorage(disk)
  const partition = yield* replicas.create({ topic: "t", partition: 0, topicId, config, leaderEpoch: 1 })
  for (let index = 0; index < batches; index++) {
    const { lastOffset } = yield* partition.append(produced(index), options)
    // The next batch is written before this one is durable, as pipelined requests are.
    if (index % 3 === 0) continue
    yield* partition.awaitCommitted(lastOffset)
    witness.acknowledged = lastOffset + 1
    witness.seen = Math.max(witness.seen, partition.highWatermark)
  }
  yield* stop(Exit.void)
  witness.seen = partition.logEndOffset
})

const offsetsIn = Effect.fnUntraced(function*(partition: Partition) {
  const marks: Array<number> = []
  let offset = 0
  for (;;) {
    const request = { offset, maxBytes: 1_000, minOneMessage: true, isolation: "read_uncommitted" } as const
    const { records } = yield* partition.read(request)
    if (records.length === 0) return marks
    for (const bytes of records) {
      for (let at = 0, size = 0; (size = Records.nextBatchUnsafe(bytes, at, bytes.length)) > 0; at += size) {
        assert.strictEqual(RecordBatch.baseOffset(bytes, at), offset, "no holes")
        assert.isTrue(RecordBatch.isValidCrc(bytes, at))
        marks.push(RecordBatch.baseSequence(bytes, at) / recordsPerBatch)
        offset = RecordBatch.nextOffset(bytes, at)
      }
    }
  }
})

const survives = Effect.fnUntraced(function*(disk: MemoryDisk.MemoryDisk, witness: Witness, at: number) {
  const { replicas, stop } = yield* startStorage(disk)
  const partition = yield* replicas.create({ topic: "t", partition: 0, topicId, config, leaderEpoch: 2 })
  assert.isAtLeast(partition.highWatermark, Math.max(witness.acknowledged, witness.seen), `operation ${at}`)
  const marks = yield* offsetsIn(partition)
  assert.deepStrictEqual(marks, marks.map((_, index) => index), `in order, none twice, at operation ${at}`)
  const written = marks.length
  if (written > 0) {
    const { baseOffset, duplicate } = yield* partition.append(produced(written - 1), options)
    assert.isTrue(duplicate, `the last batch is known at operation ${at}`)
    assert.strictEqual(baseOffset, (written - 1) * recordsPerBatch)
  }
  if (written < batches) {
    const { baseOffset } = yield* partition.append(produced(written), options)
    assert.strictEqual(baseOffset, written * recordsPerBatch)
    yield* partition.awaitCommitted(baseOffset)
  }
  yield* stop(Exit.void)
})

// Machines may be busy.
vi.setConfig({ testTimeout: 60_000 })

describe("a crash", () => {
  it.effect("takes nothing that was acknowledged or seen, whenever it comes", () =>
    Effect.gen(function*() {
      let reached = true
      let operation = 0
      for (; reached; operation++) {
        const disk = MemoryDisk.make()
        const witness: Witness = { acknowledged: 0, seen: 0 }
        disk.failAt(operation, "Io")
        yield* Effect.exit(work(disk, witness))
        reached = disk.operations() > operation
        disk.crash()
        yield* survives(disk, witness, operation)
      }
      assert.isAbove(operation, 50)
    }))

  it.effect("of the process alone takes nothing, whenever it comes", () =>
    Effect.gen(function*() {
      let reached = true
      let operation = 0
      for (; reached; operation++) {
        const memory = MemoryDisk.make()
        const witness: Witness = { acknowledged: 0, seen: 0 }
        yield* Effect.exit(work(mortal(memory, operation), witness))
        reached = memory.operations() >= operation
        yield* survives(mortal(memory, Number.POSITIVE_INFINITY), witness, operation)
      }
      assert.isAbove(operation, 50)
    }))
})
