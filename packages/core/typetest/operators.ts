/**
 * Each operator passes on what it should: key and value, nulls, what is known, errors and requirements, in both forms. The
 * sources here need a service and may fail, so that an operator which forgot either would be seen.
 */
import {
  CogroupedKStream,
  GlobalKTable,
  JoinWindows,
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  type ProcessorContext,
  ProcessorSupplier,
  Serde,
  SessionWindowedCogroupedKStream,
  SessionWindowedKStream,
  SessionWindows,
  StateStore,
  Suppressed,
  TimeWindowedCogroupedKStream,
  TimeWindowedKStream,
  TimeWindows,
  type Topology,
  type Windowed
} from "@millrace/core"
import type * as Known from "@millrace/core/streams/Known"
import * as Effect from "effect/Effect"
import { campaigns, type CheckFailed, clicks, FraudCheck, holds, lines, maybe, type Same, words } from "./fixtures.ts"

/** Fails with `CheckFailed` and needs `FraudCheck`, exactly. */
type Flows<P> = P extends Topology.Part<infer E, infer R> ? Same<E | R, CheckFailed | FraudCheck> : false

const checked = Effect.asVoid(FraudCheck.use((check) => check.isFraud("")))
const stream = KStream.from(lines).pipe(KStream.peekEffect(() => checked))
const table = stream.pipe(KStream.toTable())
const grouped = KStream.groupByKey(stream)
const windows = JoinWindows.ofTimeDifference("1 minute")

// one record at a time: the same type in both forms, and nothing lost
const filtered = stream.pipe(KStream.filter((line) => line.length > 1), KStream.filterNot((line) => line === "a"))
holds<Same<typeof filtered, typeof stream>>()
const peeked = stream.pipe(KStream.peek((line) => line.length), KStream.peekEffect((line) => Effect.succeed(line)))
holds<Same<typeof peeked, typeof stream>>()
const sized = KStream.mapValues(stream, (line, key) => [line.length, key] as const)
holds<
  Same<
    typeof sized,
    KStream.KStream<
      string | null,
      readonly [number, string | null],
      CheckFailed,
      FraudCheck,
      Known.DropValue<Known.All>
    >
  >
>()
const sizes = stream.pipe(KStream.flatMapValues((line) => [line.length], Serde.int))
holds<
  Same<typeof sizes, KStream.KStream<string | null, number, CheckFailed, FraudCheck, Known.All & Known.ValueSerde>>
>()
const mapped = KStream.map(stream, (_key, line) => [line.length, line], { key: Serde.int, value: Serde.string })
holds<Same<typeof mapped, KStream.KStream<number | null, string, CheckFailed, FraudCheck, Known.Both>>>()
const mappedFlat = stream.pipe(KStream.flatMap((_key, line) => [[line.length, line] as const]))
holds<Same<typeof mappedFlat, KStream.KStream<number, string, CheckFailed, FraudCheck, unknown>>>()
const rekeyed = stream.pipe(KStream.selectKey((_key, line) => line.length, Serde.int))
holds<
  typeof rekeyed extends KStream.KStream<number | null, string, CheckFailed, FraudCheck, Known.Both> ? true : false
>()
holds<typeof rekeyed extends KStream.KStream<unknown, unknown, unknown, unknown, Known.Partitioned> ? false : true>()
holds<Flows<typeof mapped>>()

// a condition that narrows values narrows the stream, in both forms
const there = KStream.filter(KStream.from(maybe), (value) => value !== null)
holds<Same<typeof there, KStream.KStream<string | null, string, never, never, Known.All>>>()
const thereToo = KStream.from(maybe).pipe(KStream.filterNot((value) => value === null))
holds<Same<typeof thereToo, typeof there>>()
const tagged = KStream.from(lines).pipe(
  KStream.mapValues((line) => line === "" ? { _tag: "A", a: 1 } as const : { _tag: "B", b: line } as const)
)
const taggedB = KStream.filterNot(tagged, (value) => value._tag === "A")
holds<
  typeof taggedB extends KStream.KStream<string | null, { readonly b: string }, never, never, unknown> ? true : false
>()

// effects add what they need, and how they fail, to what there was
class Down {
  readonly _tag = "Down"
}
const failing = Effect.fail(new Down())
const effects = stream.pipe(
  KStream.filterEffect(() => failing),
  KStream.mapValuesEffect((line) => Effect.succeed(line.length), Serde.int),
  KStream.flatMapValuesEffect((length) => Effect.succeed([length]), { value: Serde.int, concurrency: 2 }),
  KStream.processEffect(({ key, value }) => Effect.succeed([{ key, value }]), { key: Serde.string, value: Serde.int })
)
holds<Same<typeof effects, KStream.KStream<string | null, number, CheckFailed | Down, FraudCheck, Known.Both>>>()
const effectEnd = KStream.foreachEffect(stream, () => failing)
holds<Same<typeof effectEnd, KStream.Sink<CheckFailed | Down, FraudCheck>>>()

// topics by pattern; sinks that choose a topic, print, or see each record
const matched = KStream.fromPattern(/lines-.*/, { key: Serde.string, value: Serde.int }, {
  timestamp: ({ key, timestamp, value }) => timestamp + (key?.length ?? 0) + (value ?? 0),
  offsetReset: "latest"
})
holds<Same<typeof matched, KStream.KStream<string | null, number, never, never, Known.All>>>()
const chosen = stream.pipe(KStream.toDynamic(
  ({ headers, key, timestamp, value }) => `${key?.length ?? 0}-${value.length}-${timestamp}-${headers.length}`,
  { key: Serde.string, value: Serde.string }
))
const printed = stream.pipe(KStream.print({ to: (_line) => {}, format: (key, line) => (key ?? "") + line.length }))
const ends = [
  chosen,
  printed,
  KStream.toDynamic(stream, ({ value }) => value, { key: Serde.string, value: Serde.string }),
  KStream.print(stream, { to: (_line) => {}, format: (key, line) => (key ?? "") + line.length }),
  KStream.to(stream, words),
  stream.pipe(KStream.to(words)),
  stream.pipe(KStream.foreach((line, key) => line.length + (key?.length ?? 0)))
] as const
holds<Same<(typeof ends)[number], KStream.Sink<CheckFailed, FraudCheck>>>()

// two streams as one: what is known of both
const merged = KStream.merge(stream, KStream.from(words))
holds<typeof merged extends KStream.KStream<string | null, string, CheckFailed, FraudCheck, Known.All> ? true : false>()
const mergedLess = KStream.from(words).pipe(KStream.merge(stream.pipe(KStream.mapValues((line) => line))))
holds<typeof mergedLess extends KStream.KStream<unknown, unknown, unknown, unknown, Known.ValueSerde> ? false : true>()
holds<Flows<typeof merged>>()
holds<Flows<typeof mergedLess>>()

// parts of a split: of what `transform` makes, of what a condition narrows values to, and of all else
const [short, few, rest] = stream.pipe(KStream.split([
  (line) => line.length < 3,
  {
    predicate: (line, key) => line.length < (key?.length ?? 0),
    name: "few",
    transform: KStream.mapValues((line) => line.length, Serde.int)
  }
], { rest: true }))
holds<Same<typeof short, typeof stream>>()
holds<Same<typeof few, KStream.KStream<string | null, number, CheckFailed, FraudCheck, Known.All & Known.ValueSerde>>>()
holds<Same<typeof rest, typeof stream>>()
const [nulls, others] = KStream.split(KStream.from(maybe), [(value) => value === null], { rest: "others" })
holds<Same<typeof nulls, KStream.KStream<string | null, null, never, never, Known.All>>>()
holds<Same<typeof others, KStream.KStream<string | null, string, never, never, Known.All>>>()
const [justNulls] = KStream.from(maybe).pipe(KStream.split([{ predicate: (value) => value === null, name: "nulls" }]))
holds<Same<typeof justNulls, typeof nulls>>()
// the ends of branches are part of all parts, also that of the rest
const [first, restSized] = KStream.from(lines).pipe(KStream.split([
  { predicate: (line) => line.length < 3, consume: KStream.foreachEffect(() => failing) }
], {
  name: "split",
  rest: { name: "rest", transform: (branch) => branch.pipe(KStream.mapValues((line, key) => [line, key] as const)) }
}))
holds<Same<typeof first, KStream.KStream<string | null, string, Down, never, Known.All>>>()
holds<
  typeof restSized extends KStream.KStream<string | null, readonly [string, string | null], Down, never, Known.KeySerde>
    ? true
    : false
>()
const [consumed, alone] = KStream.split(stream, [() => true, { predicate: () => true, name: "alone" }], {
  rest: { consume: (branch) => branch.pipe(KStream.mapValuesEffect(() => failing), KStream.foreach(() => {})) }
})
holds<Same<Topology.ErrorOf<typeof consumed>, CheckFailed | Down>>()
holds<Same<typeof consumed, typeof alone>>()
// as many parts as there are branches
const parts = KStream.split(stream, [() => true, () => true])
holds<Same<(typeof parts)["length"], 2>>()

// processors: serdes say what is forwarded, or the context, or the supplier; where nothing does, nothing can be
const seen = StateStore.keyValue({ name: "seen", key: Serde.string, value: Serde.int })
const bySerdes = stream.pipe(KStream.process({
  stores: [seen],
  init: (context) => ({ timestamp, value }) =>
    context.forward({ key: null, value: context.getStateStore(seen).get(value) ?? 0, timestamp })
}, { key: Serde.string, value: Serde.int, name: "serdes" }))
holds<Same<typeof bySerdes, KStream.KStream<string | null, number, CheckFailed, FraudCheck, Known.Both>>>()
const byContext = stream.pipe(KStream.process({
  stores: [seen],
  init:
    (context: ProcessorContext.ProcessorContext<number, string | null, typeof seen>) => ({ key, timestamp, value }) =>
      context.forward({ key: context.getStateStore(seen).get(value) ?? 0, value: key, timestamp })
}))
holds<Same<typeof byContext, KStream.KStream<number, string | null, CheckFailed, FraudCheck, unknown>>>()
const supplier = ProcessorSupplier.make<string | null, string, number, string>()({
  init: (context) => ({ timestamp, value }) => context.forward({ key: value.length, value, timestamp })
})
const bySupplier = KStream.process(stream, supplier, { name: "supplier" })
holds<Same<typeof bySupplier, KStream.KStream<number, string, CheckFailed, FraudCheck, unknown>>>()
const nothing = KStream.process(stream, { init: () => ({ value }) => void value.length })
holds<Same<typeof nothing, KStream.KStream<never, never, CheckFailed, FraudCheck, unknown>>>()
const valuesBySerde = stream.pipe(KStream.processValues({
  init: (context) => (record) => context.forward(record.withValue(record.value.length))
}, { value: Serde.int, name: "serde" }))
holds<
  Same<
    typeof valuesBySerde,
    KStream.KStream<string | null, number, CheckFailed, FraudCheck, Known.All & Known.ValueSerde>
  >
>()
const valuesByContext = KStream.processValues(stream, {
  init: (context: ProcessorContext.FixedKeyProcessorContext<string | null, number>) => (record) =>
    context.forward(record.withValue(record.value.length))
})
holds<
  Same<
    typeof valuesByContext,
    KStream.KStream<string | null, number, CheckFailed, FraudCheck, Known.DropValue<Known.All>>
  >
>()
const transformed = table.pipe(KTable.transformValues({ init: () => (line) => line?.length }))
holds<Same<typeof transformed, KTable.KTable<string, number, CheckFailed, FraudCheck, Known.DropValue<Known.All>>>>()

// moved and grouped
const moved = stream.pipe(KStream.repartition({ partitions: 2 }))
holds<Same<typeof moved, KStream.KStream<string, string, CheckFailed, FraudCheck, Known.All>>>()
const movedWith = KStream.repartition(mappedFlat, { key: Serde.int, value: Serde.string })
holds<Same<typeof movedWith, KStream.KStream<number, string, CheckFailed, FraudCheck, Known.All>>>()
const groups = [
  stream.pipe(KStream.groupByKey),
  stream.pipe(KStream.groupByKeyAs("group")),
  KStream.groupByKeyAs(stream, { key: Serde.string, value: Serde.string }),
  stream.pipe(KStream.groupBy((_key, line) => line, { key: Serde.string, value: Serde.string })),
  KStream.groupBy(stream, (_key, line) => line, Serde.string)
] as const
holds<Same<(typeof groups)[number], KGroupedStream.KGroupedStream<string, string, CheckFailed, FraudCheck>>>()

// gathered, in windows and without
type Table<V> = KTable.KTable<string, V, CheckFailed, FraudCheck, Known.All>
type WindowedTable<V> = KTable.KTable<Windowed.Windowed<string>, V, CheckFailed, FraudCheck, Known.All>
const adding = { initial: () => 0, add: (sum: number, line: string) => sum + line.length, value: Serde.int }
const counts = [grouped.pipe(KGroupedStream.count()), KGroupedStream.count(grouped, { as: "counts" })] as const
holds<Same<(typeof counts)[number], Table<number>>>()
const reduced = grouped.pipe(KGroupedStream.reduce((a, b) => a + b))
holds<Same<typeof reduced, Table<string>>>()
const summed = [grouped.pipe(KGroupedStream.aggregate(adding)), KGroupedStream.aggregate(grouped, adding)] as const
holds<Same<(typeof summed)[number], Table<number>>>()
const perMinute = grouped.pipe(KGroupedStream.windowedBy(TimeWindows.tumbling("1 minute")))
const perSession = KGroupedStream.windowedBy(grouped, SessionWindows.withGap("1 minute"))
const inWindows = [
  perMinute.pipe(TimeWindowedKStream.count()),
  TimeWindowedKStream.aggregate(perMinute, adding),
  SessionWindowedKStream.count(perSession),
  perSession.pipe(SessionWindowedKStream.aggregate({ ...adding, merge: (a, b) => a + b }))
] as const
holds<Same<(typeof inWindows)[number], WindowedTable<number>>>()
const reducedInWindows = [
  TimeWindowedKStream.reduce(perMinute, (a, b) => a + b),
  perSession.pipe(SessionWindowedKStream.reduce((a, b) => a + b))
] as const
holds<Same<(typeof reducedInWindows)[number], WindowedTable<string>>>()
const cogrouped = KStream.from(clicks).pipe(
  KStream.groupByKey,
  KGroupedStream.cogroup((sum: number, click, key) => sum + click.page.length + key.length),
  CogroupedKStream.cogroup(grouped, (sum, line) => sum + line.length)
)
const gathered = cogrouped.pipe(CogroupedKStream.aggregate({ initial: () => 0, value: Serde.int }))
holds<Same<typeof gathered, Table<number>>>()
const gatheredInWindows = [
  cogrouped.pipe(
    CogroupedKStream.windowedBy(TimeWindows.tumbling("1 minute")),
    TimeWindowedCogroupedKStream.aggregate({ initial: () => 0, value: Serde.int })
  ),
  cogrouped.pipe(
    CogroupedKStream.windowedBy(SessionWindows.withGap("1 minute")),
    SessionWindowedCogroupedKStream.aggregate({ initial: () => 0, merge: (a, b) => a + b, value: Serde.int })
  )
] as const
holds<Same<(typeof gatheredInWindows)[number], WindowedTable<number>>>()

// tables
const kept = table.pipe(KTable.filter((line) => line !== ""), KTable.filterNot((line) => line === "", { as: "kept" }))
holds<Same<typeof kept, typeof table>>()
const lengths = KTable.mapValues(table, (line) => line === "" ? null : line.length)
holds<Same<typeof lengths, KTable.KTable<string, number, CheckFailed, FraudCheck, Known.DropValue<Known.All>>>>()
const held = table.pipe(KTable.suppress(Suppressed.untilTimeLimit("1 minute")))
holds<Same<typeof held, typeof table>>()
const heldInWindows = KTable.suppress(
  KStream.groupByKey(stream).pipe(
    KGroupedStream.windowedBy(TimeWindows.tumbling("1 minute")),
    TimeWindowedKStream.count()
  ),
  Suppressed.untilWindowCloses()
)
holds<Same<typeof heldInWindows, WindowedTable<number>>>()
const updates = [table.pipe(KTable.toStream), KTable.toStreamAs(table, "updates")] as const
holds<Same<(typeof updates)[number], KStream.KStream<string, string, CheckFailed, FraudCheck, Known.All>>>()
const byLength = table.pipe(
  KTable.groupBy((key, line) => [line.length, key], { key: Serde.int, value: Serde.string }),
  KGroupedTable.reduce({ add: (a, b) => a + b, remove: (a) => a })
)
holds<Same<typeof byLength, KTable.KTable<number, string, CheckFailed, FraudCheck, Known.All>>>()

// joined: the errors and requirements of both sides, nulls where the other side may lack
const tables = [
  KTable.join(KTable.from(campaigns), table, (campaign, line) => campaign.budget + line.length),
  table.pipe(KTable.leftJoin(KTable.from(campaigns), (line, campaign) => line.length + (campaign?.budget ?? 0))),
  table.pipe(
    KTable.outerJoin(KTable.from(campaigns), (line, campaign) => (line ?? "").length + (campaign?.budget ?? 0))
  ),
  KTable.from(clicks).pipe(KTable.join(table, (click) => click.page, (click, line) => click.page.length + line.length)),
  table.pipe(
    KTable.leftJoin(KTable.from(campaigns), (line) => line, (line, campaign) => campaign?.budget ?? line.length)
  )
] as const
holds<
  Same<(typeof tables)[number], KTable.KTable<string, number, CheckFailed, FraudCheck, Known.DropValue<Known.All>>>
>()
const withTable = stream.pipe(
  KStream.join(KTable.from(campaigns), (line, campaign, key) => [line, campaign, key] as const)
)
holds<
  typeof withTable extends KStream.KStream<
    string,
    readonly [string, { readonly budget: number }, string],
    CheckFailed,
    FraudCheck,
    Known.KeySerde & Known.Partitioned
  > ? true
    : false
>()
const withTableLeft = KStream.from(clicks).pipe(KStream.leftJoin(table, (click, line) => line ?? click.page))
holds<Flows<typeof withTableLeft>>()
const withGlobal = stream.pipe(
  KStream.join(GlobalKTable.from(campaigns), (_key, line) => line, (line, campaign) => line.length + campaign.budget),
  KStream.leftJoin(GlobalKTable.from(words), (key) => key, (length, word) => word?.length ?? length)
)
holds<
  Same<typeof withGlobal, KStream.KStream<string | null, number, CheckFailed, FraudCheck, Known.DropValue<Known.All>>>
>()
const withStream = [
  KStream.join(KStream.from(clicks), stream, (click, line) => click.page + line, windows),
  stream.pipe(KStream.join(KStream.from(clicks), (line, click) => click.page + line, windows))
] as const
holds<
  Same<
    (typeof withStream)[number],
    KStream.KStream<string, string, CheckFailed, FraudCheck, Known.KeySerde & Known.Partitioned>
  >
>()
const withStreamOuter = stream.pipe(
  KStream.outerJoin(KStream.from(clicks), (line, click, key) => [line, click?.page ?? null, key] as const, windows)
)
holds<
  Same<
    typeof withStreamOuter,
    KStream.KStream<
      string | null,
      readonly [string | null, string | null, string | null],
      CheckFailed,
      FraudCheck,
      Known.KeySerde & Known.Partitioned
    >
  >
>()
