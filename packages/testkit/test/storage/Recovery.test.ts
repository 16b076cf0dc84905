/** Opening what another life left behind. */
import { assert, describe, it, vi } from "@effect/vitest"
import { crc32 } from "@millrace/core/hash/Crc32"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as LogReader from "@millrace/server/storage/LogReader"
import type { PartitionLog } from "@millrace/server/storage/PartitionLog"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import * as Effect from "effect/Effect"
import { appendTo, batchesFrom, batchOf, compression, configOf, contextOf, openLog } from "./harness.ts"

const config = configOf()
const directory = "data/t-0"
const checkpoint = (recoveryPoint: number) => ({ recoveryPoint, logStartOffset: 0 })

/** A log of 24 batches of two records in several segments, on a disk where it was left without a word. */
const abandoned = Effect.fnUntraced(function*(batches = 24) {
  const disk = MemoryDisk.make()
  const context = yield* contextOf(disk)
  const log = yield* openLog(context, false, config)
  for (let index = 0; index < batches; index++) {
    yield* appendTo(
      log,
      batchOf(2, {
        size: 90,
        mark: index,
        timestamp: index * 10,
        producerId: 3,
        producerEpoch: 0,
        baseSequence: index * 2
      })
    )
  }
  yield* log.sync
  return { disk, context, log, contents: yield* batchesFrom(log, 0) }
})

const edit = (disk: MemoryDisk.MemoryDisk, name: string, change: (bytes: Uint8Array) => Uint8Array) =>
  Effect.scoped(Effect.gen(function*() {
    const file = yield* disk.disk.open(`${directory}/${name}`, "write")
    const bytes = new Uint8Array(yield* file.size)
    yield* file.read(bytes, 0)
    const changed = change(bytes)
    yield* file.truncate(0)
    yield* file.write([changed], 0)
    yield* file.sync
  }))

const fileOf = (log: PartitionLog, index: number, suffix: string): string =>
  String(log.segments.all[index]!.baseOffset).padStart(20, "0") + suffix

const agrees = Effect.fnUntraced(function*(log: PartitionLog, contents: ReadonlyArray<Uint8Array>) {
  assert.deepStrictEqual(yield* batchesFrom(log, 0), contents)
  assert.strictEqual(log.logEndOffset, contents.length * 2)
  const next = batchOf(1, { producerId: 3, producerEpoch: 0, baseSequence: contents.length * 2 })
  assert.isUndefined(log.producers.check(next, 0, true))
})

// Machines may be busy.
vi.setConfig({ testTimeout: 60_000 })

describe("recovery", () => {
  it.effect("cuts at the first bad batch and drops whatever follows", () =>
    Effect.provide(
      Effect.gen(function*() {
        for (const spoil of [100, 61, 17, 8, 3]) {
          const { contents, context, disk, log } = yield* abandoned()
          const bad = log.segments.all[1]!
          const size = contents[0]!.length
          yield* edit(disk, fileOf(log, 1, ".log"), (bytes) => {
            bytes[2 * size + spoil]! ^= 0x55
            return bytes
          })
          const again = yield* openLog(context, false, config, checkpoint(0))
          yield* agrees(again, contents.slice(0, bad.baseOffset / 2 + 2))
          assert.strictEqual(again.segments.all.length, 2)
        }
      }),
      compression
    ))

  it.effect("cuts half a batch, a tail of zeros, and garbage", () =>
    Effect.provide(
      Effect.gen(function*() {
        const tails = [
          (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1),
          (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 230)
        ]
        for (const tail of tails) {
          const { contents, context, disk, log } = yield* abandoned()
          yield* edit(disk, fileOf(log, log.segments.all.length - 1, ".log"), tail)
          const again = yield* openLog(context, false, config, checkpoint(log.recoveryPoint))
          assert.isBelow(again.logEndOffset, contents.length * 2)
          yield* agrees(again, contents.slice(0, again.logEndOffset / 2))
        }
        for (const fill of [0, 0x7f, 0xff]) {
          const { contents, context, disk, log } = yield* abandoned()
          yield* edit(disk, fileOf(log, log.segments.all.length - 1, ".log"), (bytes) => {
            const longer = new Uint8Array(bytes.length + 300).fill(fill)
            longer.set(bytes)
            return longer
          })
          yield* agrees(yield* openLog(context, false, config, checkpoint(log.recoveryPoint)), contents)
        }
      }),
      compression
    ))

  it.effect("builds indexes and producers anew, whatever their files say", () =>
    Effect.provide(
      Effect.gen(function*() {
        const { contents, context, disk, log } = yield* abandoned()
        for (const name of yield* disk.disk.list(directory)) {
          if (/\.(index|timeindex|snapshot)$/.test(name)) yield* edit(disk, name, () => new Uint8Array(4096).fill(0x11))
        }
        const again = yield* openLog(context, false, config, checkpoint(0))
        yield* agrees(again, contents)
        for (const [index, segment] of again.segments.all.entries()) {
          yield* segment.load
          yield* log.segments.all[index]!.load
          const count = segment.offsets.file.count
          assert.strictEqual(count, log.segments.all[index]!.offsets.file.count)
        }
      }),
      compression
    ))

  it.effect("reads preallocated indexes, and misses none that is missing", () =>
    Effect.provide(
      Effect.gen(function*() {
        const { contents, context, disk, log } = yield* abandoned()
        yield* log.close
        for (const [number, name] of (yield* disk.disk.list(directory)).entries()) {
          if (!name.endsWith("index")) continue
          if (number % 2 === 0) yield* disk.disk.remove(`${directory}/${name}`)
          else {
            yield* edit(disk, name, (bytes) => {
              const longer = new Uint8Array(8192)
              longer.set(bytes)
              return longer
            })
          }
        }
        yield* agrees(yield* openLog(context, true, config, checkpoint(log.recoveryPoint)), contents)
      }),
      compression
    ))

  it.effect("can itself be cut short anywhere", () =>
    Effect.provide(
      Effect.gen(function*() {
        const { log } = yield* abandoned()
        const { length } = log.segments.all
        for (let operation = 0, reached = true; reached; operation++) {
          const { contents, context, disk } = yield* abandoned()
          yield* edit(disk, fileOf(log, length - 1, ".log"), (bytes) => bytes.subarray(0, bytes.length - 1))
          const failing = disk.operations() + operation
          disk.failAt(failing, "Io")
          yield* Effect.exit(openLog(context, false, config, checkpoint(0)))
          reached = disk.operations() > failing
          disk.crash()
          const again = yield* openLog(context, false, config, checkpoint(0))
          yield* agrees(again, contents.slice(0, contents.length - 1))
        }
      }),
      compression
    ))

  it.effect("finishes a swap, and forgets what was being cleaned or deleted", () =>
    Effect.provide(
      Effect.gen(function*() {
        const { contents, context, disk, log } = yield* abandoned()
        yield* log.close
        const [first, second, third] = log.segments.all
        const name = (offset: number, suffix: string) => `${directory}/${String(offset).padStart(20, "0")}${suffix}`
        // The cleaner has joined the first two segments into one, without the batch in the middle.
        const kept = contents.filter((batch) => RecordBatch.baseOffset(batch, 0) < third!.baseOffset)
        const dropped = kept.findIndex((batch) => RecordBatch.baseOffset(batch, 0) === second!.baseOffset)
        const file = yield* disk.disk.open(name(0, ".log.swap"), "write")
        yield* file.write(kept.filter((_, index) => index !== dropped), 0)
        yield* file.sync
        for (const suffix of [".log.deleted", ".index.deleted"]) {
          yield* (yield* disk.disk.open(name(first!.baseOffset, suffix), "write")).close
        }
        const again = yield* openLog(context, false, config, checkpoint(third!.baseOffset))
        const wanted = contents.filter((_, index) => index !== dropped)
        assert.deepStrictEqual(yield* batchesFrom(again, 0), wanted)
        assert.strictEqual(again.segments.all.length, log.segments.all.length - 1)
        const names = yield* disk.disk.list(directory)
        assert.deepStrictEqual(names.filter((name) => /swap|deleted/.test(name)), [])

        yield* again.close
        yield* (yield* disk.disk.open(name(0, ".log.swap"), "write")).close
        yield* (yield* disk.disk.open(name(0, ".log.cleaned"), "write")).close
        const unswapped = yield* openLog(context, false, config, checkpoint(third!.baseOffset))
        assert.deepStrictEqual(yield* batchesFrom(unswapped, 0), wanted)
      }),
      compression
    ))

  // Found by the simulation, seed 143: a failed sync, a kill, a loss of power.
  it.effect("brings to the disk what a failed sync has left in the page cache only", () =>
    Effect.provide(
      Effect.gen(function*() {
        const { context, disk, log: failed } = yield* abandoned(3)
        yield* appendTo(failed, batchOf(2, { producerId: 3, producerEpoch: 0, baseSequence: 6 }))
        const contents = yield* batchesFrom(failed, 0)
        disk.dropChanges(`${directory}/00000000000000000000.log`)
        disk.kill()
        const log = yield* openLog(context, false, config, checkpoint(6))
        assert.deepStrictEqual(yield* batchesFrom(log, 0), contents)
        disk.crash()
        const again = yield* openLog(context, false, config, checkpoint(0))
        assert.deepStrictEqual(yield* batchesFrom(again, 0), contents)
      }),
      compression
    ))

  // Found by the simulation, seed 8: a broker that was stopped in order twice gave away what had been aborted between.
  it.effect("keeps what its indexes learnt between two orderly stops", () =>
    Effect.provide(
      Effect.gen(function*() {
        const context = yield* contextOf(MemoryDisk.make())
        yield* Effect.flatMap(openLog(context, false, config), (log) => log.close)
        const log = yield* openLog(context, true, config)
        const producer = { producerId: 3, producerEpoch: 0 }
        yield* appendTo(log, batchOf(2, { ...producer, baseSequence: 0, transactional: true }))
        yield* log.appendMarker({ ...producer, coordinatorEpoch: 0, commit: false }, 0)
        yield* log.close
        const again = yield* openLog(context, true, config)
        const request = { offset: 0, maxBytes: 10_000, minOneMessage: true, end: 3, withAborted: true }
        const { aborted } = yield* LogReader.read(again, request)
        assert.deepStrictEqual(aborted.map(({ firstOffset, producerId }) => [producerId, firstOffset]), [[3, 0]])
      }),
      compression
    ))

  it.effect("refuses logs of the formats before magic 2 instead of cutting them off", () =>
    Effect.provide(
      Effect.gen(function*() {
        const { context, disk } = yield* abandoned(1)
        yield* edit(disk, "00000000000000000000.log", (bytes) => {
          bytes[RecordBatch.magicAt] = 1
          const checksum = crc32(bytes, RecordBatch.magicAt, RecordBatch.sizeInBytes(bytes, 0))
          new DataView(bytes.buffer).setUint32(12, checksum)
          return bytes
        })
        const error = yield* Effect.flip(openLog(context, false, config, checkpoint(0)))
        assert.strictEqual(error.reason, "UnsupportedFormat")
      }),
      compression
    ))

  // Found by the simulation, seed 2011234: a torn batch of which only the first sector was there looked like magic 0.
  it.effect("cuts a first batch that was torn in its header, wherever", () =>
    Effect.provide(
      Effect.gen(function*() {
        for (let torn = 1; torn <= RecordBatch.headerSizeBytes; torn++) {
          const { context, disk } = yield* abandoned(1)
          yield* edit(disk, "00000000000000000000.log", (bytes) => bytes.fill(0, torn))
          yield* agrees(yield* openLog(context, false, config, checkpoint(0)), [])
        }
      }),
      compression
    ))
})
