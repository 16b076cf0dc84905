import { assert, describe, it } from "@effect/vitest"
import { entriesOf, LeaderEpochCache } from "@millrace/server/storage/LeaderEpochCache"

const cacheOf = (...entries: ReadonlyArray<readonly [number, number]>) =>
  new LeaderEpochCache(entries.map(([epoch, startOffset]) => ({ epoch, startOffset })))

describe("LeaderEpochCache", () => {
  it("takes only news, and lets go of what contradicts it", () => {
    const cache = cacheOf([0, 0], [2, 10], [5, 20])
    assert.isFalse(cache.assign(5, 25))
    assert.isTrue(cache.assign(6, 20))
    assert.deepStrictEqual(cache.lines(), ["0 0", "2 10", "6 20"])
    assert.isTrue(cache.assign(7, 5))
    assert.deepStrictEqual(cache.lines(), ["0 0", "7 5"])
    assert.isTrue(cache.assign(3, 8))
    assert.deepStrictEqual(cache.lines(), ["0 0", "3 8"])
    assert.isFalse(cache.assign(-1, 9))
  })

  it("tells where an epoch ends, as KIP-320 has it", () => {
    const cache = cacheOf([2, 10], [4, 20], [7, 30])
    assert.deepStrictEqual(cache.endOffsetFor(7, 99), { epoch: 7, endOffset: 99 })
    assert.deepStrictEqual(cache.endOffsetFor(8, 99), { epoch: -1, endOffset: -1 })
    assert.deepStrictEqual(cache.endOffsetFor(-1, 99), { epoch: -1, endOffset: -1 })
    assert.deepStrictEqual(cache.endOffsetFor(4, 99), { epoch: 4, endOffset: 30 })
    assert.deepStrictEqual(cache.endOffsetFor(5, 99), { epoch: 4, endOffset: 30 })
    assert.deepStrictEqual(cache.endOffsetFor(1, 99), { epoch: 1, endOffset: 10 })
    assert.deepStrictEqual(cacheOf().endOffsetFor(0, 99), { epoch: -1, endOffset: -1 })
  })

  it("is cut at both ends", () => {
    const cache = cacheOf([2, 10], [4, 20], [7, 30])
    assert.isTrue(cache.truncateFromStart(25))
    assert.deepStrictEqual(cache.lines(), ["4 25", "7 30"])
    assert.isFalse(cache.truncateFromStart(25))
    assert.isTrue(cache.truncateFromEnd(30))
    assert.deepStrictEqual(cache.lines(), ["4 25"])
    assert.isFalse(cache.truncateFromEnd(30))
    assert.strictEqual(cache.epochAt(24), -1)
    assert.strictEqual(cache.epochAt(99), 4)
  })

  it("reads its lines, and refuses nonsense", () => {
    assert.deepStrictEqual(entriesOf(["1 5", "3 9"]), [{ epoch: 1, startOffset: 5 }, { epoch: 3, startOffset: 9 }])
    assert.isUndefined(entriesOf(["1 5", "three 9"]))
    assert.isUndefined(entriesOf(["1"]))
  })
})
