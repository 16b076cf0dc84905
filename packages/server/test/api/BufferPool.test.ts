import { assert, describe, it } from "@effect/vitest"
import { frameSharedMaxBytes } from "@millrace/core/limits"
import { FrameDecoder } from "@millrace/core/protocol/Frame"
import { BufferPool } from "@millrace/server/api/BufferPool"
import { pooledBufferMaxBytes, pooledBufferMinBytes } from "@millrace/server/limits"

describe("BufferPool", () => {
  it("gives the memory of what came back to whoever wants as much", () => {
    const pool = new BufferPool(1024 * 1024)
    const first = pool.take(100_000)
    assert.isAtLeast(first.length, 100_000)
    assert.isUndefined(pool.spare(100_000))
    pool.give(first.subarray(0, 100_000))
    assert.strictEqual(pool.readyBytes, first.length)
    assert.isUndefined(pool.spare(first.length + 1))
    assert.strictEqual(pool.take(first.length).buffer, first.buffer)
    assert.strictEqual(pool.readyBytes, 0)
  })

  it("never takes what small frames share", () => {
    assert.isAbove(pooledBufferMinBytes, frameSharedMaxBytes)
    const pool = new BufferPool(1024 * 1024)
    const stream = new Uint8Array([0, 0, 15, 247, ...new Uint8Array(4087), 0, 0, 0, 1, 7])
    const [large, small] = new FrameDecoder(frameSharedMaxBytes, pool).push(stream).frames
    assert.strictEqual(large!.buffer, small!.buffer)
    pool.give(large!)
    pool.give(small!)
    assert.strictEqual(pool.readyBytes, 0)
  })

  it("never gives one buffer to two", () => {
    const pool = new BufferPool(1024 * 1024)
    pool.give(pool.take(10_000))
    assert.notStrictEqual(pool.take(10_000).buffer, pool.take(10_000).buffer)
  })

  it("keeps no more than its limit, and nothing that is small, huge or not its own", () => {
    const pool = new BufferPool(3 * pooledBufferMinBytes)
    for (let i = 0; i < 5; i++) pool.give(new Uint8Array(pooledBufferMinBytes))
    assert.strictEqual(pool.readyBytes, 3 * pooledBufferMinBytes)
    const other = new BufferPool(64 * pooledBufferMaxBytes)
    for (const size of [0, 1, pooledBufferMinBytes / 2, 5000, 2 * pooledBufferMaxBytes]) {
      other.give(new Uint8Array(size))
    }
    assert.strictEqual(other.readyBytes, 0)
    assert.strictEqual(other.take(pooledBufferMaxBytes + 1).length, pooledBufferMaxBytes + 1)
    assert.strictEqual(other.take(10).length, 10)
  })
})
