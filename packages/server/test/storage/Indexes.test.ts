/** The three indexes against a search through a plain list. */
import { NodeDisk } from "@millrace/core/node"
import { assert, describe, it } from "@effect/vitest"
import { Disk } from "@millrace/core/platform/Disk"
import { OffsetIndex } from "@millrace/server/storage/OffsetIndex"
import { TimeIndex } from "@millrace/server/storage/TimeIndex"
import { TransactionIndex } from "@millrace/server/storage/TransactionIndex"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const base = 5_000_000_000

const withDisk = <A, E>(use: (disk: Disk["Service"], directory: string) => Effect.Effect<A, E>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "millrace-index-"))),
    (directory) => Effect.flatMap(Disk, (disk) => use(disk, directory)),
    (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
  ).pipe(Effect.provide(NodeDisk.layer))

const positive = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 }))
const Steps = Schema.Array(Schema.Struct({ offset: positive, position: positive, timestamp: positive }))
const Probe = Schema.Int.check(Schema.isBetween({ minimum: -5, maximum: 400 }))

interface Entry {
  readonly offset: number
  readonly position: number
  readonly timestamp: number
}

const entriesOf = (steps: typeof Steps.Type): ReadonlyArray<Entry> => {
  let last: Entry = { offset: base, position: 0, timestamp: 0 }
  return steps.map((step) => {
    last = {
      offset: last.offset + step.offset,
      position: last.position + step.position,
      timestamp: last.timestamp + step.timestamp
    }
    return last
  })
}

describe("indexes", () => {
  it.effect.prop(
    "find what a plain search finds, before and after the file",
    [Steps, Probe],
    ([steps, probe]) =>
      withDisk(Effect.fnUntraced(function*(disk, directory) {
        const entries = entriesOf(steps)
        const offsets = new OffsetIndex(disk, `${directory}/o`, base, true)
        const times = new TimeIndex(disk, `${directory}/t`, base, true)
        for (const { offset, position, timestamp } of entries) {
          offsets.append(offset, position)
          times.maybeAppend(timestamp, offset)
          times.maybeAppend(timestamp, offset + 1)
        }
        const agree = (offsets: OffsetIndex, times: TimeIndex, entries: ReadonlyArray<Entry>) => {
          const floor = entries.findLast((entry) => entry.offset <= base + probe)
          assert.strictEqual(offsets.positionBefore(base + probe), floor?.position ?? 0)
          assert.strictEqual(offsets.offsetFrom(probe), entries.find((entry) => entry.position >= probe)?.offset)
          const before = entries.findLast((entry) => entry.timestamp <= probe)
          assert.strictEqual(times.offsetBefore(probe), before?.offset ?? base)
          assert.strictEqual(times.lastTimestamp, entries.at(-1)?.timestamp ?? -1)
        }
        agree(offsets, times, entries)
        yield* offsets.file.persist(true)
        yield* times.file.persist(true)
        const readOffsets = new OffsetIndex(disk, `${directory}/o`, base, false)
        const readTimes = new TimeIndex(disk, `${directory}/t`, base, false)
        yield* readOffsets.file.load
        yield* readTimes.file.load
        agree(readOffsets, readTimes, entries)
        readOffsets.truncateTo(base + probe)
        readTimes.truncateTo(base + probe)
        agree(readOffsets, readTimes, entries.filter(({ offset }) => offset < base + probe))
        yield* readOffsets.file.persist(true)
        const again = new OffsetIndex(disk, `${directory}/o`, base, false)
        yield* again.file.load
        assert.strictEqual(again.file.count, readOffsets.file.count)
      })),
    { arbitrary: { runs: 60 } }
  )

  it.effect("of transactions name those that overlap, and say when to stop", () =>
    withDisk(Effect.fnUntraced(function*(disk, directory) {
      const index = new TransactionIndex(disk, `${directory}/x`, true)
      const first = { producerId: 1, firstOffset: 5, lastOffset: 20, lastStableOffset: 8 }
      const second = { producerId: 2, firstOffset: 8, lastOffset: 30, lastStableOffset: 31 }
      index.append(first)
      index.append(second)
      const found = (from: number, to: number) => {
        const entries: Array<typeof first> = []
        return { stop: index.collect(from, to, entries), entries }
      }
      assert.deepStrictEqual(found(0, 8), { stop: true, entries: [first] })
      assert.deepStrictEqual(found(21, 40), { stop: false, entries: [second] })
      assert.deepStrictEqual(found(20, 31), { stop: true, entries: [first, second] })
      index.truncateTo(30)
      assert.deepStrictEqual(found(0, 40).entries, [first])
      yield* index.file.persist(false)
      assert.strictEqual((yield* disk.stat(`${directory}/x`))._tag, "Some")
      index.truncateTo(0)
      yield* index.file.persist(false)
      assert.strictEqual((yield* disk.stat(`${directory}/x`))._tag, "None", "without entries there is no file")
    })))
})
