import { assert, describe, it } from "@effect/vitest"
import type { Headers } from "@millrace/client/streams/engine/Flow"
import { BytesMap } from "@millrace/client/streams/engine/stores/BytesMap"
import { DiskMap } from "@millrace/client/streams/engine/stores/DiskMap"
import * as InMemoryJoinWindowStore from "@millrace/client/streams/engine/stores/InMemoryJoinWindowStore"
import * as InMemorySessionStore from "@millrace/client/streams/engine/stores/InMemorySessionStore"
import * as InMemoryWindowStore from "@millrace/client/streams/engine/stores/InMemoryWindowStore"
import * as MappedKeyValueStore from "@millrace/client/streams/engine/stores/MappedKeyValueStore"
import type { OrderedMap } from "@millrace/client/streams/engine/stores/OrderedMap"
import * as SegmentedSessionStore from "@millrace/client/streams/engine/stores/SegmentedSessionStore"
import * as SegmentedWindowStore from "@millrace/client/streams/engine/stores/SegmentedWindowStore"
import { segmentMinMs } from "@millrace/client/streams/engine/stores/Segments"
import {
  type AnyStore,
  type ChangeLog,
  type KeyValueStore,
  noLog,
  type SessionEntry,
  type SessionStore,
  type Stored,
  type WindowEntry
} from "@millrace/client/streams/engine/stores/StateStore"
import * as TimeOrderedSessionStore from "@millrace/client/streams/engine/stores/TimeOrderedSessionStore"
import * as TimeOrderedWindowStore from "@millrace/client/streams/engine/stores/TimeOrderedWindowStore"
import * as VersionedStore from "@millrace/client/streams/engine/stores/VersionedStore"
import * as NodeStoreEngine from "@millrace/core/platform/node/NodeStoreEngine"
import { type StoreDatabase, StoreEngine } from "@millrace/core/platform/StoreEngine"
import { MemoryDisk } from "@millrace/testkit"
import * as LogStoreEngine from "@millrace/testkit/platform/LogStoreEngine"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"

const retentionMs = 100_000
const stepMs = 10_000

/** A store on a map, and what it has to be like: another store, in memory. */
interface Pair {
  readonly make: (map: OrderedMap, log: ChangeLog) => AnyStore
  readonly model: (log: ChangeLog) => AnyStore
}

/** Keys to values, as objects. */
const keyValueModel = (log: ChangeLog, keepsHeaders: boolean): KeyValueStore => {
  const entries = new BytesMap<Stored>()
  const restore: KeyValueStore["restore"] = (key, value, timestamp, headers) => {
    if (value === null) entries.delete(key)
    else entries.set(key, { value: value.slice(), timestamp, headers: keepsHeaders ? headers : undefined })
  }
  return {
    kind: "keyValue",
    name: "model",
    get: (key) => entries.get(key),
    put: (key, value, timestamp, headers) => {
      restore(key, value, timestamp, headers)
      log.append(key, value, timestamp, headers)
    },
    range: (from, to, reverse) => entries.range(from, to, reverse),
    get approximateNumEntries() {
      return entries.size
    },
    restore,
    flush: () => {},
    wipe: () => entries.clear(),
    close: () => {}
  }
}

const pairs: Record<string, Pair> = {
  keyValue: {
    make: (map, log) => MappedKeyValueStore.make("s", map, log),
    model: (log) => keyValueModel(log, false)
  },
  "keyValue with headers": {
    make: (map, log) => MappedKeyValueStore.make("s", map, log, true),
    model: (log) => keyValueModel(log, true)
  },
  window: {
    make: (map, log) => SegmentedWindowStore.make("s", retentionMs, log, { map }),
    model: (log) => InMemoryWindowStore.make("s", retentionMs, log, segmentMinMs)
  },
  "window with headers": {
    make: (map, log) => SegmentedWindowStore.make("s", retentionMs, log, { map, keepsHeaders: true }),
    model: (log) => InMemoryWindowStore.make("s", retentionMs, log, segmentMinMs, true)
  },
  "window in order of time": {
    make: (map, log) => TimeOrderedWindowStore.make("s", retentionMs, log, map, segmentMinMs, true),
    model: (log) => InMemoryWindowStore.make("s", retentionMs, log, segmentMinMs, true)
  },
  "window with duplicates": {
    make: (map, log) => SegmentedWindowStore.make("s", retentionMs, log, { map, retainDuplicates: true }),
    model: (log) => InMemoryJoinWindowStore.make("s", retentionMs, segmentMinMs, log)
  },
  session: {
    make: (map, log) => SegmentedSessionStore.make("s", retentionMs, log, map),
    model: (log) => InMemorySessionStore.make("s", retentionMs, segmentMinMs, log)
  },
  "session with headers": {
    make: (map, log) => SegmentedSessionStore.make("s", retentionMs, log, map, true),
    model: (log) => InMemorySessionStore.make("s", retentionMs, segmentMinMs, log, true)
  },
  "session in order of time": {
    make: (map, log) => TimeOrderedSessionStore.make("s", retentionMs, segmentMinMs, log, map, true),
    model: (log) => InMemorySessionStore.make("s", retentionMs, segmentMinMs, log, true)
  },
  versioned: {
    make: (map, log) => VersionedStore.make("s", retentionMs, 3 * stepMs, log, map),
    model: (log) => VersionedStore.make("s", retentionMs, 3 * stepMs, log, new BytesMap())
  }
}

/** Keys that begin as others do, times that make segments expire. */
const Key = Schema.Array(Schema.Literals([0, 1])).check(Schema.isMaxLength(2))
const Time = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 }))
const Operation = Schema.Union([
  Schema.Struct({
    _tag: Schema.tag("Put"),
    key: Key,
    time: Time,
    length: Schema.Literals([0, 1, 5]),
    value: Schema.NullOr(Schema.Literals([1, 2, 3]))
  }),
  Schema.Struct({ _tag: Schema.tag("Read"), key: Key, from: Time, to: Time }),
  Schema.Struct({ _tag: Schema.tag("End"), commits: Schema.Boolean, crashes: Schema.Boolean })
])
const Operations = Schema.Array(Operation).check(Schema.isMinLength(30), Schema.isMaxLength(60))
type Put = Extract<typeof Operation.Type, { readonly _tag: "Put" }>

/** What keys begin with: together they are longer than LMDB's may be. */
type Beginning = Uint8Array

const bytesOf = (beginning: Beginning, key: ReadonlyArray<number>): Uint8Array =>
  Uint8Array.from([...beginning, ...key])

const headersOf = (put: Put): Headers => [
  { key: "é", value: Uint8Array.of(put.time) },
  { key: "", value: put.value === 1 ? null : new Uint8Array(0) }
]

const putInto = (store: AnyStore, put: Put, beginning: Beginning): unknown => {
  const key = bytesOf(beginning, put.key)
  const value = put.value === null ? null : Uint8Array.of(put.value)
  const time = put.time * stepMs
  switch (store.kind) {
    case "keyValue":
      return store.put(key, value, time, headersOf(put))
    case "window":
      return store.put(key, value, time, time + 1, headersOf(put))
    case "session":
      return store.put(key, Math.max(0, time - put.length * stepMs), time, value, time, headersOf(put))
    case "versioned":
      return store.put(key, value, time)
    default:
      return undefined
  }
}

/** Contents without the memory that they are in, and in an order that does not depend on the store's. */
const plain = (found: unknown): string => JSON.stringify(found)

const windows = (entries: Iterable<WindowEntry>) =>
  Array.from(
    entries,
    ({ key, stored, windowStart }) =>
      plain([windowStart, [...key], [...stored.value], stored.timestamp, stored.headers])
  )

const sessions = (entries: Iterable<SessionEntry>) =>
  Array.from(
    entries,
    ({ key, session: { end, headers, start, value } }) => plain([[...key], start, end, [...value], headers])
  ).sort()

const allSessions = (store: SessionStore) => store.findRange(undefined, undefined, 0, Number.MAX_SAFE_INTEGER)

const contents = (store: AnyStore): unknown => {
  switch (store.kind) {
    case "keyValue":
      return Array.from(
        store.range(undefined, undefined),
        ([key, { headers, timestamp, value }]) => plain([[...key], [...value], timestamp, headers])
      )
    case "window":
      return windows(store.fetchRange(undefined, undefined, 0, Number.MAX_SAFE_INTEGER)).sort()
    case "session":
      return sessions(allSessions(store))
    default:
      return undefined
  }
}

const answers = (store: AnyStore, key: Uint8Array, first: number, second: number): unknown => {
  const [from, to] = [Math.min(first, second) * stepMs, Math.max(first, second) * stepMs]
  switch (store.kind) {
    case "keyValue":
      return plain(store.get(key))
    case "window":
      return [
        plain(store.get(key, from)),
        windows(store.fetch(key, from, to)),
        windows(store.fetch(key, from, to, true)),
        windows(store.fetchRange(key, undefined, from, to)).sort()
      ]
    case "session":
      return [
        store.find(key, from, to).map((session) => plain(session)),
        sessions(store.findRange(key, undefined, from, to)),
        // stores in order of time still show what has expired in a segment that has not
        sessions(store.endedBetween(from, to)).filter((session) => sessions(allSessions(store)).includes(session))
      ]
    case "versioned":
      return [plain(store.get(key)), plain(store.get(key, from)), plain([...store.versions(key)])]
    default:
      return undefined
  }
}

let opened = 0

const onSimulatedDisk = LogStoreEngine.make(MemoryDisk.make().disk).open

const inMemory = Effect.suspend(() => onSimulatedDisk(`stores-${++opened}`))

const onLmdb = Effect.gen(function*() {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => NodeFs.mkdtempSync(`${NodeOs.tmpdir()}/millrace-stores-`)),
    (path) => Effect.sync(() => NodeFs.rmSync(path, { recursive: true, force: true }))
  )
  return yield* (yield* StoreEngine).open(directory)
}).pipe(Effect.provide(NodeStoreEngine.layer))

type Change = Parameters<ChangeLog["append"]>

/** Runs operations on a store on disk and on its model: all that they answer has to be the same. */
const compare = Effect.fnUntraced(function*(
  pair: Pair,
  { tableUnsafe, write }: StoreDatabase,
  beginning: Beginning,
  operations: ReadonlyArray<typeof Operation.Type>
) {
  let [changes, expected]: [Array<Change>, Array<Change>] = [[], []]
  const log: ChangeLog = { append: (...change) => void changes.push(change) }
  const model = pair.model({ append: (...change) => void expected.push(change) })
  let map = new DiskMap(tableUnsafe("s"))
  let store = pair.make(map, log)
  const commit = Effect.suspend(() => {
    const writes = map.writes()
    return writes === undefined ? Effect.void : write([writes])
  }).pipe(Effect.map(() => {
    map.noteWritten()
    ;[changes, expected] = [[], []]
  }))
  const reopen = () => {
    map = new DiskMap(tableUnsafe("s"))
    store = pair.make(map, log)
    for (const change of changes) store.restore(...change)
  }
  for (const operation of operations) {
    if (operation._tag === "Put") {
      assert.strictEqual(putInto(store, operation, beginning), putInto(model, operation, beginning))
      assert.deepStrictEqual(changes, expected)
    } else if (operation._tag === "Read") {
      const { from, to } = operation
      const key = bytesOf(beginning, operation.key)
      assert.deepStrictEqual(answers(store, key, from, to), answers(model, key, from, to))
    } else {
      if (operation.commits) yield* commit
      if (operation.crashes) reopen()
    }
    assert.deepStrictEqual(contents(store), contents(model))
  }
  store.wipe()
  yield* commit
  reopen()
  assert.deepStrictEqual(contents(store), contents(pair.model(noLog)))
})

describe("stores on disk", () => {
  for (const [name, pair] of Object.entries(pairs)) {
    it.effect.prop(
      `${name}: answers as in memory, also when it is opened anew and its changelog read on`,
      [
        Operations
      ],
      ([operations]) =>
        Effect.flatMap(inMemory, (database) => compare(pair, database, new Uint8Array(0), operations)).pipe(
          Effect.scoped
        ),
      { arbitrary: { runs: 40, seed: "stores" } }
    )

    it.effect.prop(
      `${name}: the same for keys longer than LMDB's`,
      [Operations],
      ([operations]) =>
        Effect.flatMap(onLmdb, (database) => compare(pair, database, new Uint8Array(1970).fill(1), operations)).pipe(
          Effect.scoped
        ),
      { arbitrary: { runs: 4, seed: "stores" } }
    )
  }

  it("lets what has expired go from the map, a little with each put", () => {
    const map = new BytesMap<Uint8Array>()
    const store = SegmentedWindowStore.make("s", retentionMs, noLog, { map })
    for (let at = 0; at < 1_000; at++) store.put(Uint8Array.of(at >>> 8, at), Uint8Array.of(1), at % 20, 0)
    const full = map.size
    store.put(Uint8Array.of(1), Uint8Array.of(1), 10 * retentionMs, 0)
    assert.deepStrictEqual([...store.fetchRange(undefined, undefined, 0, retentionMs)], [])
    assert.isAbove(map.size, full - 50)
    for (let at = 0; at < 40; at++) store.put(Uint8Array.of(1), Uint8Array.of(1), 10 * retentionMs, 0)
    assert.isBelow(map.size, 5)
  })

  it("gives windows in order of time in the same order as in memory", () => {
    const store = TimeOrderedWindowStore.make("s", retentionMs, noLog, new BytesMap(), segmentMinMs)
    const model = InMemoryWindowStore.make("s", retentionMs, noLog, segmentMinMs)
    for (const [key, time] of [[[], 6], [[1], 5], [[1, 0], 5], [[], 5], [[0, 9], 7]] as const) {
      for (const each of [store, model]) each.put(Uint8Array.from(key), Uint8Array.of(1), time, 0)
    }
    for (const reverse of [false, true]) {
      const found = windows(store.fetchRange(Uint8Array.of(), Uint8Array.of(1), 5, 7, reverse))
      assert.deepStrictEqual(found, windows(model.fetchRange(Uint8Array.of(), Uint8Array.of(1), 5, 7, reverse)))
      assert.lengthOf(found, 4)
    }
  })

  it("gives sessions in order of time in the same order as in memory, and lets both entries of what has expired go", () => {
    const map = new BytesMap<Uint8Array>()
    const store = TimeOrderedSessionStore.make("s", retentionMs, segmentMinMs, noLog, map)
    const model = InMemorySessionStore.make("s", retentionMs, segmentMinMs, noLog)
    const ordered = (entries: Iterable<SessionEntry>) =>
      Array.from(entries, ({ key, session: { end, start } }) => [[...key], start, end])
    const places = [[[], 4, 6], [[1], 3, 5], [[1], 1, 5], [[1, 0], 2, 5], [[], 5, 5], [[0, 9], 7, 7]] as const
    for (const [key, start, end] of places) {
      for (const each of [store, model]) each.put(Uint8Array.from(key), start, end, Uint8Array.of(1), 0)
    }
    assert.deepStrictEqual(ordered(store.endedBetween(5, 6)), ordered(model.endedBetween(5, 6)))
    assert.deepStrictEqual(
      ordered(store.findRange(Uint8Array.of(), Uint8Array.of(1), 5, 6)),
      ordered(model.findRange(Uint8Array.of(), Uint8Array.of(1), 5, 6))
    )
    assert.deepStrictEqual(ordered(allSessions(store)), ordered(allSessions(model)))
    assert.strictEqual(map.size, 2 * places.length + 1)
    store.put(Uint8Array.of(1), 10 * retentionMs, 10 * retentionMs, Uint8Array.of(1), 0)
    assert.strictEqual(map.size, 3)
  })

  it("keeps what it is asked for in the order of Kafka's stores on disk", () => {
    const changes: Array<Change> = []
    const store = SegmentedWindowStore.make("s", retentionMs, { append: (...change) => void changes.push(change) }, {
      map: new BytesMap(),
      retainDuplicates: true
    })
    const put = (key: number, time: number, value: number) =>
      store.put(Uint8Array.of(key), Uint8Array.of(value), time, 0)
    put(2, 5, 1)
    put(1, 70_000, 2)
    put(1, 5, 3)
    put(1, 5, 4)
    const found = Array.from(store.fetchRange(undefined, undefined, 0, 80_000), ({ stored }) => stored.value[0])
    assert.deepStrictEqual(found, [3, 4, 1, 2])
    assert.deepStrictEqual(changes.map(([key]) => key[key.length - 1]), [1, 2, 3, 4])
  })
})
