/**
 * What is wrong with a topology: each kind of problem by what makes it, and all of them at once.
 */
import {
  CogroupedKStream,
  GlobalKTable,
  GlobalStore,
  JoinWindows,
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  ProcessorApi,
  ProcessorSupplier,
  Serde,
  SessionWindows,
  SlidingWindows,
  StateStore,
  Suppressed,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology,
  UnlimitedWindows
} from "@millrace/core"
import type { Problem } from "@millrace/core/streams/TopologyError"
import { assert, describe, it } from "@effect/vitest"
import type * as Duration from "effect/Duration"

const text = { key: Serde.string, value: Serde.string }
const topic = (name: string) => Topic.make(name, text)
const stream = (name: string) => KStream.from(topic(name))
const rekeyed = (name: string) => stream(name).pipe(KStream.selectKey((_key, value) => value, Serde.string))
const grouped = (name: string) => KStream.groupByKey(stream(name))
const problems = (topology: Topology.Topology<unknown, unknown>, options?: Topology.ValidateOptions) =>
  Topology.validate(topology, options).map(({ reason, where }) => [reason, where])
const minute = JoinWindows.ofTimeDifference("1 minute")
const both = (left: string | null, right: string | null) => `${left}${right}`
const store = (name: string) => StateStore.keyValue({ name, ...text })
const filling = (store: StateStore.Any) =>
  ProcessorSupplier.make<string | null, string | null, never, never>()({ stores: [store], init: () => () => {} })
const using = (...stores: ReadonlyArray<StateStore.Any>) =>
  ProcessorSupplier.make<string | null, string, string | null, string>()({ stores, init: () => () => {} })

describe("Topology.validate", () => {
  it("finds nothing in a topology that can be resolved", () => {
    assert.deepStrictEqual(problems(Topology.make(stream("in").pipe(KStream.to(topic("out"))))), [])
  })

  it("takes equal places to begin at for one, however they are written", () => {
    const from = (byDuration: Duration.Input) => KStream.from(topic("a"), { offsetReset: { byDuration } })
    assert.deepStrictEqual(problems(Topology.make(KStream.merge(from("1 hour"), from("60 minutes")))), [])
    assert.deepStrictEqual(problems(Topology.make(KStream.merge(from("1 hour"), from("2 hours")))), [
      ["ConflictingOffsetReset", "a"]
    ])
  })

  it("finds everything at once, each with what to do", () => {
    const topology = Topology.make(
      stream("in").pipe(KStream.filter(() => true, { name: "same" }), KStream.to(topic("out"), { name: "same" })),
      stream("in").pipe(KStream.peek(() => {}, { name: "no name" })),
      KTable.from(topic("table"), { as: "store" }),
      stream("counted").pipe(KStream.groupByKey, KGroupedStream.count({ as: "store" })),
      stream("table"),
      stream("many").pipe(KStream.repartition({ partitions: 0 })),
      rekeyed("a").pipe(
        KStream.repartition({ name: "left", partitions: 2 }),
        KStream.join(rekeyed("b").pipe(KStream.repartition({ name: "right", partitions: 3 })), both, minute)
      ),
      stream("lost").pipe(KStream.process(using(StateStore.existing(store("nowhere"))))),
      stream("written").pipe(KStream.to(topic("app-store-changelog"))),
      stream("uneven").pipe(KStream.join(KTable.from(topic("odd")), both))
    )
    const found = Topology.validate(topology, {
      applicationId: "app",
      partitions: (name) => name === "odd" ? 3 : name === "written" ? undefined : 2
    })
    assert.sameDeepMembers(found.map(({ reason, where }) => [reason, where]), [
      ["DuplicateName", "same"],
      ["InvalidName", "no name"],
      ["DuplicateName", "store"],
      ["OverlappingSources", "table"],
      ["InvalidPartitions", "KSTREAM-SOURCE-0000000010"],
      ["NotCopartitioned", "app-left-repartition, app-right-repartition"],
      ["UnknownStore", "nowhere"],
      ["InternalTopic", "app-store-changelog"],
      ["UnknownTopic", "written"],
      ["NotCopartitioned", "odd, uneven"]
    ])
    for (const { detail, hint } of found) assert.isTrue(detail.length > 0 && hint.length > 0)
  })

  it("cannot merge repartition topics below one node, as Kafka cannot", () => {
    const below = rekeyed("in").pipe(KStream.filter(() => true))
    const topology = Topology.make(...[1, 2].map(() => below.pipe(KStream.groupByKey, KGroupedStream.count())))
    assert.deepStrictEqual(problems(topology), [])
    assert.deepStrictEqual(problems(topology, { optimization: "all" }), [
      ["NotMergeable", "KSTREAM-KEY-SELECT-0000000001"]
    ])
  })

  it("asks for names of what is stored or repartitioned, if it is told to", () => {
    const topology = Topology.make(
      stream("in").pipe(KStream.groupBy((_key, value) => value, Serde.string), KGroupedStream.count())
    )
    assert.deepStrictEqual(problems(topology), [])
    assert.deepStrictEqual(problems(topology, { ensureExplicitNames: true }), [
      ["NameNotExplicit", "KSTREAM-AGGREGATE-STATE-STORE-0000000002"]
    ])
  })
})

/** Topologies, each with one thing wrong, by what that is. */
const wrong: ReadonlyArray<readonly [Problem["reason"], string, string, Topology.Part<unknown, unknown>]> = [
  [
    "DuplicateName",
    "n",
    "two operators",
    stream("in").pipe(KStream.peek(() => {}, { name: "n" }), KStream.to(topic("out"), { name: "n" }))
  ],
  [
    "DuplicateName",
    "s",
    "tables' stores",
    KTable.join(KTable.from(topic("a"), { as: "s" }), KTable.from(topic("b"), { as: "s" }), both)
  ],
  [
    "DuplicateName",
    "s",
    "a table's store and a processor's",
    KTable.from(topic("a"), { as: "s" }).pipe(KTable.toStream, KStream.process(using(store("s"))))
  ],
  [
    "DuplicateName",
    "s",
    "two handles of one name",
    stream("a").pipe(KStream.process(using(store("s"))), KStream.process(using(store("s"))))
  ],
  [
    "DuplicateName",
    "s",
    "the stores of a join",
    KStream.join(stream("a"), stream("b"), both, minute, { thisStore: { as: "s" }, otherStore: { as: "s" } })
  ],
  [
    "DuplicateName",
    "r-repartition",
    "repartition topics",
    KStream.merge(
      stream("a").pipe(KStream.repartition({ name: "r" })),
      stream("b").pipe(KStream.repartition({ name: "r" }))
    )
  ],
  [
    "DuplicateName",
    "g",
    "a global store's source and processor",
    GlobalStore.from(topic("a"), {
      store: store("s"),
      processor: filling(store("s")),
      sourceName: "g",
      processorName: "g"
    })
  ],
  ["DuplicateName", "n", "named nodes", ProcessorApi.sink("n", ProcessorApi.source("n", topic("a")), topic("b"))],
  ["OverlappingSources", "a", "a stream and a table", KStream.join(stream("a"), KTable.from(topic("a")), both)],
  [
    "OverlappingSources",
    "a",
    "a stream and a global table",
    KStream.join(stream("a"), GlobalKTable.from(topic("a")), (key) => key, both)
  ],
  [
    "OverlappingSources",
    "a",
    "two named sources",
    ProcessorApi.sink("to", [ProcessorApi.source("1", topic("a")), ProcessorApi.source("2", topic("a"))], topic("b"))
  ],
  [
    "OverlappingSources",
    "a",
    "some topics of two streams",
    KStream.merge(KStream.from([topic("a"), topic("b")]), KStream.from([topic("a"), topic("c")]))
  ],
  [
    "OverlappingSources",
    "a-.*",
    "a pattern and a topic",
    KStream.merge(KStream.fromPattern(/a-.*/, text), stream("a-1"))
  ],
  [
    "OverlappingSources",
    "a-.*",
    "a topic and a pattern",
    KStream.merge(stream("a-1"), KStream.fromPattern(/a-.*/, text))
  ],
  [
    "OverlappingSources",
    "a-.*",
    "a table and a pattern",
    KStream.join(KStream.fromPattern(/a-.*/, text), KTable.from(topic("a-1")), both)
  ],
  [
    "OverlappingSources",
    "a-.*b",
    "patterns, one in the other",
    KStream.merge(KStream.fromPattern(/a-.*/, text), KStream.fromPattern(/a-.*b/, text))
  ],
  [
    "ConflictingOffsetReset",
    "a",
    "a topic",
    KStream.merge(KStream.from(topic("a"), { offsetReset: "earliest" }), stream("a"))
  ],
  [
    "ConflictingOffsetReset",
    "/a.*/",
    "a pattern",
    KStream.merge(KStream.fromPattern(/a.*/, text, { offsetReset: "earliest" }), KStream.fromPattern(/a.*/, text))
  ],
  [
    "InvalidOffsetReset",
    "s",
    "an age that no record has",
    KStream.from(topic("a"), { name: "s", offsetReset: { byDuration: -1 } })
  ],
  [
    "OverlappingSources",
    "a-.*",
    "a topic and a named pattern",
    ProcessorApi.sink(
      "sink",
      [ProcessorApi.source("topic", topic("a-1")), ProcessorApi.sourcePattern("pattern", /a-.*/, text)],
      topic("out")
    )
  ],
  [
    "MissingSerde",
    "r-repartition",
    "what is moved",
    KStream.repartition(KStream.map(stream("a"), (key, value) => [key, value]) as KStream.KStream<string, string>, {
      name: "r"
    })
  ],
  [
    "MissingSerde",
    "s",
    "what is stored",
    KTable.filter(
      KTable.mapValues(KTable.from(topic("a")), (value) => value) as never as KTable.KTable<string, string>,
      () => true,
      { as: "s" }
    )
  ],
  ["InvalidName", "a b", "a topic that is read", stream("a b")],
  ["InvalidName", "a b", "a topic that is written", KStream.to(stream("a"), topic("a b"))],
  [
    "InvalidName",
    "..",
    "a global table's topic",
    KStream.join(stream("a"), GlobalKTable.from(topic(".."), { as: "s" }), (key) => key, both)
  ],
  ["InvalidName", "", "an empty name", KStream.peek(stream("a"), () => {}, { name: "" })],
  ["InvalidName", "s s", "a processor's store", KStream.process(stream("a"), using(store("s s")))],
  ["InvalidName", "s s", "a table's store", KTable.from(topic("a"), { as: "s s" })],
  [
    "InvalidName",
    "s s",
    "a store of a join",
    KStream.join(stream("a"), stream("b"), both, minute, { storeName: "s s" })
  ],
  [
    "InvalidName",
    "s s",
    "a suppress",
    KTable.suppress(KTable.from(topic("a")), Suppressed.untilTimeLimit("1 minute", { name: "s s" }))
  ],
  [
    "InvalidName",
    "r r",
    "a grouped table",
    KTable.from(topic("a")).pipe(
      KTable.groupBy((key, value) => [key, value], { ...text, name: "r r" }),
      KGroupedTable.count({ as: "s" })
    )
  ],
  [
    "InvalidName",
    "j j",
    "a foreign-key join",
    KTable.join(KTable.from(topic("a")), KTable.from(topic("b")), (value) => value, both, { name: "j j" })
  ],
  [
    "InvalidName",
    "c c",
    "cogrouped streams",
    grouped("a").pipe(
      KGroupedStream.cogroup((a: string, b) => a + b),
      CogroupedKStream.aggregate({ initial: () => "", value: Serde.string, name: "c c" })
    )
  ],
  [
    "InvalidWindows",
    "KSTREAM-SOURCE-0000000000",
    "a negative grace",
    grouped("a").pipe(KGroupedStream.windowedBy(TimeWindows.tumbling(1000, { grace: -1 })), TimeWindowedKStream.count())
  ],
  [
    "InvalidWindows",
    "KSTREAM-SOURCE-0000000000",
    "an advance beyond the size",
    grouped("a").pipe(
      KGroupedStream.windowedBy(TimeWindows.hopping(1000, { advance: 1001 })),
      TimeWindowedKStream.count()
    )
  ],
  [
    "InvalidWindows",
    "KSTREAM-SOURCE-0000000000",
    "a negative gap",
    grouped("a").pipe(KGroupedStream.windowedBy(SessionWindows.withGap(-1)))
  ],
  [
    "InvalidWindows",
    "KSTREAM-SOURCE-0000000000",
    "a negative difference",
    grouped("a").pipe(KGroupedStream.windowedBy(SlidingWindows.ofTimeDifference(-1)))
  ],
  [
    "InvalidWindows",
    "KSTREAM-SOURCE-0000000000",
    "the close of unlimited windows",
    grouped("a").pipe(KGroupedStream.windowedBy(UnlimitedWindows.from(), { emit: "onWindowClose" }))
  ],
  [
    "InvalidWindows",
    "KSTREAM-MERGE-0000000006",
    "a join that ends before it begins",
    KStream.join(stream("a"), stream("b"), both, JoinWindows.ofTimeDifference(0, { before: 1, after: -2 }))
  ],
  [
    "InvalidRetention",
    "s",
    "windows that go before they close",
    grouped("a").pipe(
      KGroupedStream.windowedBy(TimeWindows.tumbling(1000)),
      TimeWindowedKStream.count({ as: "s", retention: 10 })
    )
  ],
  [
    "InvalidRetention",
    "s",
    "a history before the present",
    KTable.from(topic("a"), { as: "s", versioned: { historyRetention: -1 } })
  ],
  [
    "InvalidRetention",
    "s",
    "a processor's windows that go before they end",
    KStream.process(stream("a"), using(StateStore.window({ name: "s", ...text, retention: 10, windowSize: 11 })))
  ],
  [
    "InvalidRetention",
    "s",
    "a processor's sessions",
    KStream.process(stream("a"), using(StateStore.session({ name: "s", ...text, retention: -1 })))
  ],
  [
    "InvalidRetention",
    "s",
    "a processor's entries",
    KStream.process(stream("a"), using(StateStore.lruMap({ name: "s", ...text, entriesMax: -1 })))
  ],
  ["InvalidRetention", "s", "a table's entries", KTable.from(topic("a"), { as: "s", entriesMax: -1 })],
  ["InvalidPartitions", "r", "a fraction", KStream.repartition(stream("a"), { name: "r", partitions: 1.5 })],
  ["UnknownStore", "s", "what nothing makes", KStream.process(stream("a"), using(StateStore.existing(store("s"))))],
  [
    "WrongStore",
    "s",
    "a table's, taken for plain",
    KTable.from(topic("a"), { as: "s" }).pipe(KTable.toStream, KStream.process(using(StateStore.existing(store("s")))))
  ],
  [
    "NotWindowed",
    "KTABLE-SUPPRESS-0000000003",
    "a table",
    KTable.suppress(KTable.from(topic("a")) as never as KTable.KTable<never, string>, Suppressed.untilWindowCloses())
  ],
  [
    "NotVersioned",
    "KSTREAM-JOIN-0000000004",
    "a join that waits",
    KStream.join(stream("a"), KTable.from(topic("b")), both, { grace: 1 })
  ],
  [
    "Versioned",
    "KTABLE-SUPPRESS-0000000002",
    "a suppress",
    KTable.suppress(
      KTable.from(topic("a"), { as: "s", versioned: { historyRetention: "1 hour" } }),
      Suppressed.untilTimeLimit(1)
    )
  ],
  [
    "NotCopartitioned",
    "l-repartition, r-repartition",
    "unequal repartitions",
    KStream.join(
      KStream.repartition(stream("a"), { name: "l", partitions: 2 }),
      KStream.repartition(stream("b"), { name: "r", partitions: 3 }),
      both,
      minute
    )
  ]
]

describe("a topology that has one thing wrong", () => {
  for (const [reason, where, what, part] of wrong) {
    it(`is refused for that alone: ${reason} of ${what}`, () => {
      assert.deepStrictEqual(problems(Topology.make(part)), [[reason, where]])
    })
  }
})

describe("topics of a topology", () => {
  const counted = KGroupedStream.count(grouped("a"), { as: "s" })
  const moved = KStream.repartition(stream("b"), { name: "r" })
  const own = ["app-s-changelog", "app-r-repartition"]

  it("are not those that the app makes for itself, once it is known how they are called", () => {
    const parts: ReadonlyArray<(name: string) => Topology.Part<unknown, unknown>> = [
      (name) => stream(name),
      (name) => KTable.from(topic(name)),
      (name) => KStream.fromPattern(new RegExp(name), text),
      (name) => KStream.to(stream("c"), topic(name)),
      (name) => KStream.join(stream("c"), GlobalKTable.from(topic(name)), (key) => key, both),
      (name) => ProcessorApi.sink("to", ProcessorApi.source("from", topic("c")), topic(name))
    ]
    for (const part of parts) {
      for (const name of own) {
        const topology = Topology.make(counted, moved, part(name))
        assert.deepStrictEqual(problems(topology, { applicationId: "app" }), [["InternalTopic", name]])
        assert.deepStrictEqual(problems(topology, { applicationId: "other" }), [])
        assert.deepStrictEqual(problems(topology), [])
      }
    }
  })

  it("may be read as a table and written as well, and be restored from", () => {
    const topology = Topology.make(KTable.from(topic("t"), { as: "t" }), KStream.to(stream("a"), topic("t")))
    assert.deepStrictEqual(problems(topology, { applicationId: "app", optimization: "all" }), [])
  })

  it("have names that are not too long, with the application's before them", () => {
    const name = "n".repeat(230)
    const topology = Topology.make(KGroupedStream.count(grouped("a"), { as: name }))
    assert.deepStrictEqual(problems(topology, { applicationId: "app" }), [])
    assert.deepStrictEqual(problems(topology, { applicationId: "application" }), [
      ["InvalidName", `application-${name}-changelog`]
    ])
  })

  it("are there, and fit where they are joined", () => {
    const topology = Topology.make(KStream.join(stream("a"), KTable.from(topic("b")), both))
    const partitions = (counts: Readonly<Record<string, number>>) => ({ partitions: (name: string) => counts[name] })
    assert.deepStrictEqual(problems(topology, partitions({ a: 2, b: 2 })), [])
    assert.deepStrictEqual(problems(topology, partitions({ a: 2 })), [["UnknownTopic", "b"]])
    assert.deepStrictEqual(problems(topology, partitions({ a: 2, b: 3 })), [["NotCopartitioned", "a, b"]])
  })

  it("can be any of two patterns that nothing tells apart", () => {
    const pattern = (pattern: RegExp) => KStream.fromPattern(pattern, text)
    assert.deepStrictEqual(problems(Topology.make(pattern(/a-.*/), pattern(/b-.*/), stream("c"))), [])
    assert.deepStrictEqual(problems(Topology.make(pattern(/a-.*/), pattern(/a-.*/))), [], "one source for both")
  })

  it("are some, for an app", () => {
    const nothing = Topology.make()
    assert.deepStrictEqual(problems(nothing, { applicationId: "app" }), [["NoSource", "topology"]])
    assert.deepStrictEqual(problems(nothing), [], "it can be printed")
  })
})
