import {
  GlobalStore,
  KStream,
  KTable,
  ProcessorApi,
  ProcessorSupplier,
  Serde,
  StateStore,
  Topic,
  Topology
} from "@millrace/core"
import { TaskError } from "@millrace/client/streams/engine/TaskError"
import { TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const names = Topic.make("names", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })
const out = Topic.make("out", { key: Serde.string, value: Serde.string })

const tally = StateStore.keyValue({ name: "tally", key: Serde.string, value: Serde.long })

/** Counts per key, and tells all counts each minute of stream time. */
const tallied = KStream.from(lines).pipe(
  KStream.process({
    stores: [tally],
    init: (context) => {
      const store = context.getStateStore(tally)
      context.schedule({ interval: "1 minute", type: "stream-time" }, (timestamp) => {
        for (const [key, value] of store.all()) context.forward({ key, value, timestamp })
      })
      return ({ key }) => {
        if (key !== null) store.put(key, (store.get(key) ?? 0) + 1)
      }
    }
  }, { key: Serde.string, value: Serde.long })
)

const shown = (
  records: ReadonlyArray<{ readonly key: unknown; readonly value: unknown; readonly timestamp: number }>
) => records.map(({ key, timestamp, value }) => `${key}=${value}@${timestamp}`)

describe("processors", () => {
  it("punctuate with the first record, and then once for all the intervals that a record passes", () => {
    const driver = TopologyTestDriver.make(Topology.make(tallied.pipe(KStream.to(counts))))
    const pipe = (key: string, timestamp: number) => driver.pipe(lines, { key, value: "", timestamp })
    pipe("a", 10)
    assert.deepStrictEqual(shown(driver.read(counts)), ["a=1@10"])
    pipe("b", 59_999)
    assert.deepStrictEqual(driver.read(counts), [])
    pipe("a", 185_000)
    assert.deepStrictEqual(shown(driver.read(counts)), ["a=2@185000", "b=1@185000"])
    pipe("a", 239_999)
    assert.deepStrictEqual(driver.read(counts), [])
    pipe("a", 240_000)
    assert.deepStrictEqual(shown(driver.read(counts)), ["a=4@240000", "b=1@240000"])
  })

  it("punctuate by the wall clock until they cancel", () => {
    let ticks = 0
    const ticking = KStream.from(lines).pipe(
      KStream.process({
        init: (context) => {
          const scheduled = context.schedule({ interval: "10 seconds", type: "wall-clock-time" }, (timestamp) => {
            assert.deepStrictEqual(context.recordMetadata(), { topic: null, partition: -1, offset: -1 })
            context.forward({ key: "tick", value: String(context.currentStreamTimeMs()), timestamp })
            if (++ticks === 2) scheduled.cancel()
          })
          assert.isUndefined(context.recordMetadata())
          return () => {}
        }
      }, { key: Serde.string, value: Serde.string }),
      KStream.to(out)
    )
    const driver = TopologyTestDriver.make(Topology.make(ticking), { wallClockMs: 5 })
    driver.advanceWallClock("9999 millis")
    assert.deepStrictEqual(driver.read(out), [])
    driver.advanceWallClock("1 millis")
    driver.advanceWallClock("1 minute")
    driver.advanceWallClock("1 minute")
    assert.deepStrictEqual(shown(driver.read(out)), ["tick=-1@10005", "tick=-1@70005"])
  })

  it("take what comes at the time that its headers tell", () => {
    const sent = (headers: ReadonlyArray<{ readonly key: string; readonly value: Uint8Array | null }>) =>
      Number(new TextDecoder().decode(headers.find(({ key }) => key === "sent")?.value ?? new Uint8Array()))
    const driver = TopologyTestDriver.make(Topology.make(
      KStream.from(lines, { timestamp: ({ headers }) => sent(headers) }).pipe(KStream.to(out))
    ))
    driver.pipe(lines, { key: "a", value: "b", headers: [{ key: "sent", value: new TextEncoder().encode("42") }] })
    assert.deepStrictEqual(shown(driver.read(out)), ["a=b@42"])
  })

  it("fail where the time that is told is no whole number", () => {
    for (const told of [Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
      const source = KStream.from(lines, { timestamp: () => told })
      const driver = TopologyTestDriver.make(Topology.make(source.pipe(KStream.to(out))))
      assert.throws(() => driver.pipe(lines, { key: "a", value: "b" }), TaskError, /is no whole number/)
    }
  })

  it("share a store, and read those of tables and global ones", () => {
    const titles = StateStore.timestampedKeyValue({ name: "titles", key: Serde.string, value: Serde.string })
    const all = StateStore.keyValue({ name: "all", key: Serde.string, value: Serde.string, type: "memory" })
    const joined = KStream.from(lines).pipe(
      KStream.processValues({
        stores: [tally, StateStore.existing(titles), all],
        init: (context) => (record) => {
          const key = record.key ?? ""
          const parts = [
            context.getStateStore(tally).get(key),
            context.getStateStore(titles).get(key)?.value,
            context.getStateStore(all).get(key)
          ]
          context.forward(record.withValue(parts.join()))
        }
      }, Serde.string),
      KStream.to(out)
    )
    const global = GlobalStore.from(counts, {
      store: all,
      processor: {
        stores: [all],
        init: (context) => ({ key, value }) => {
          if (key !== null) context.getStateStore(all).put(key, value === null ? null : `#${value}`)
        }
      }
    })
    const driver = TopologyTestDriver.make(
      Topology.make(tallied, KTable.from(names, { as: "titles" }), global, joined)
    )
    driver.pipe(names, { key: "a", value: "Anna" })
    driver.pipe(counts, { key: "a", value: 7 })
    driver.pipe(lines, { key: "a", value: "" })
    assert.deepStrictEqual(shown(driver.read(out)), ["a=1,Anna,#7@0"])
  })

  it("are refused with a store that nothing makes", () => {
    const lost = KStream.from(lines).pipe(
      KStream.process({ stores: [StateStore.existing(tally)], init: () => () => {} })
    )
    assert.deepStrictEqual(Topology.validate(Topology.make(lost)).map(({ reason, where }) => [reason, where]), [
      ["UnknownStore", "tally"]
    ])
  })

  it("choose a child by name, as named nodes", () => {
    const route = ProcessorSupplier.make<string | null, string, string | null, string>()({
      init: (context) => (record) => context.forward(record, record.value.startsWith("x") ? "shout" : "sink")
    })
    const source = ProcessorApi.source("source", lines)
    const router = ProcessorApi.processor("route", source, route)
    const upper = ProcessorSupplier.make<string | null, string, string | null, string>()({
      init: (context) => (record) => context.forward({ ...record, value: record.value.toUpperCase() })
    })
    const shout = ProcessorApi.processor("shout", router, upper)
    const driver = TopologyTestDriver.make(Topology.make(ProcessorApi.sink("sink", [router, shout], out)))
    for (const value of ["xa", "ya"]) driver.pipe(lines, { key: "k", value })
    assert.deepStrictEqual(shown(driver.read(out)), ["k=XA@0", "k=ya@0"])
  })
})

const Put = Schema.Struct({
  key: Schema.Literals(["a", "aa", "b"]),
  value: Schema.NullOr(Schema.Literals(["x", "y"])),
  start: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300_000 }))
})
const retentionMs = 100_000

type Puts = ReadonlyArray<typeof Put.Type>

/** What a window store that forgets exactly holds: what starts after the greatest start less the retention. */
const held = (puts: Puts) => {
  const entries = new Map<string, readonly [string, number, string]>()
  let greatest = -1
  for (const { key, start, value } of puts) {
    greatest = Math.max(greatest, start)
    const name = `${key}@${start}`
    if (value === null) entries.delete(name)
    else if (start > greatest - retentionMs) entries.set(name, [key, start, value])
  }
  return [...entries.values()].filter(([, start]) => start > greatest - retentionMs)
}

const order = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0

/** Puts all into a window store, and gives what it shows in the end. */
const windowsAfter = (type: "memory" | "persistent", puts: Puts) => {
  const windows = StateStore.window({
    name: "windows",
    key: Serde.string,
    value: Serde.string,
    retention: retentionMs,
    windowSize: 10,
    type
  })
  let shownAtLast: ReadonlyArray<readonly [string, number, string]> = []
  let backwards: ReadonlyArray<readonly [string, number, string]> = []
  const putting = KStream.from(Topic.make("puts", { key: Serde.string, value: Serde.nullable(Serde.string) })).pipe(
    KStream.process({
      stores: [windows],
      init: (context) => ({ key, timestamp, value }) => {
        const store = context.getStateStore(windows)
        store.put(key ?? "", value, timestamp)
        shownAtLast = [...store.all()].map(([windowed, each]) => [windowed.key, windowed.start, each] as const)
        backwards = [...store.backwardAll()].map(([windowed, each]) => [windowed.key, windowed.start, each] as const)
      }
    })
  )
  const driver = TopologyTestDriver.make(Topology.make(putting))
  for (const { key, start: timestamp, value } of puts) {
    driver.pipe(Topic.make("puts", { key: Serde.string, value: Serde.nullable(Serde.string) }), {
      key,
      value,
      timestamp
    })
  }
  assert.deepStrictEqual(backwards, [...shownAtLast].reverse())
  return shownAtLast
}

describe("window stores of processors", () => {
  it.effect.prop(
    "in memory hold what a sorted map does, by time and key",
    [Schema.Array(Put)],
    ([puts]) =>
      Effect.sync(() => {
        const expected = held(puts).sort((a, b) => a[1] - b[1] || order(a[0], b[0]))
        assert.deepStrictEqual(windowsAfter("memory", puts), expected)
      }),
    { arbitrary: { runs: 60, seed: "windows" } }
  )

  it.effect.prop("on disk hold the same, by segment, key and time", [Schema.Array(Put)], ([puts]) =>
    Effect.sync(() => {
      const segment = (start: number) => Math.floor(start / 60_000)
      const expected = held(puts).sort((a, b) => segment(a[1]) - segment(b[1]) || order(a[0], b[0]) || a[1] - b[1])
      assert.deepStrictEqual(windowsAfter("persistent", puts), expected)
    }), { arbitrary: { runs: 60, seed: "windows" } })
})
