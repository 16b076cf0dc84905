import { makeContext, noHeaders } from "@millrace/client/streams/engine/Flow"
import { CacheEntry, RecordCache, StoreCache } from "@millrace/client/streams/engine/stores/cache/RecordCache"
import { assert, describe, it } from "@effect/vitest"

class Entry extends CacheEntry {
  readonly keyBytes = 1
  readonly key: string

  constructor(key: string) {
    super()
    this.key = key
  }
}

const context = makeContext()

const storeIn = (cache: RecordCache) => {
  const held = new Set<string>()
  const passed: Array<string> = []
  const store = new StoreCache<Entry>(cache, {
    pass: ({ key }) => void passed.push(key),
    forget: ({ key }) => void held.delete(key),
    valueOverheadBytes: 0
  })
  const put = (key: string) => {
    held.add(key)
    store.write(new Entry(key), true, Uint8Array.of(1), 0, noHeaders, context)
  }
  return { store, held, passed, put }
}

/** A key and a value of one byte each, and what Kafka adds. */
const entryBytes = 1 + 1 + 45

describe("RecordCache", () => {
  it("that may hold less makes its stores give up what they used longest ago, in turns, and passes it on", () => {
    const cache = new RecordCache(8 * entryBytes)
    const [a, b] = [storeIn(cache), storeIn(cache)]
    for (const key of ["1", "2", "3"]) a.put(key)
    for (const key of ["4", "5", "6", "7"]) b.put(key)
    a.store.flush()
    assert.isFalse(cache.shrink())
    cache.maxBytes = 3 * entryBytes
    assert.isTrue(cache.shrink())
    assert.deepStrictEqual([[...a.held], [...b.held]], [["3"], ["6", "7"]])
    assert.deepStrictEqual(a.passed, ["1", "2", "3"])
    // with the first that goes, all goes that was not passed on yet
    assert.deepStrictEqual(b.passed, ["4", "5", "6", "7"])
    assert.strictEqual(cache.sizeBytes, 3 * entryBytes)
    cache.maxBytes = 0
    cache.shrink()
    assert.strictEqual(cache.sizeBytes, 0)
  })

  it("asks no store that has been closed", () => {
    const cache = new RecordCache(2 * entryBytes)
    const { passed, put, store } = storeIn(cache)
    put("1")
    const nothing = () => {}
    store.lifecycle({ flush: nothing, wipe: nothing, close: nothing } as never, nothing).close()
    cache.maxBytes = 0
    assert.isFalse(cache.shrink())
    assert.deepStrictEqual(passed, [])
  })
})
