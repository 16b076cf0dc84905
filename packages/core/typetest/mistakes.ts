/**
 * Mistakes, each refused at its line. The text after `@ts-expect-error` must be part of what the compiler says there:
 * `test/streams/types.test.ts` holds that.
 */
import { KGroupedStream, KStream, KTable, Serde, SessionWindows, Suppressed, Topology } from "@millrace/core"
import {
  CogroupedKStream,
  GlobalKTable,
  JoinWindows,
  SessionWindowedCogroupedKStream,
  TimeWindowedKStream,
  TimeWindows
} from "@millrace/core"
import { ProcessorApi, StateStore } from "@millrace/core"
import * as Effect from "effect/Effect"
import { perMinute } from "./apps.ts"
import {
  byNumber,
  campaigns,
  type CheckFailed,
  clicks,
  counts,
  countsPerMinute,
  FraudCheck,
  lines,
  maybe,
  stats,
  words
} from "./fixtures.ts"

// a sink whose topic wants another value
KStream.from(lines).pipe(
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  KStream.to(counts)
)

// a sink whose topic wants another key
KStream.from(byNumber).pipe(
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  KStream.to(campaigns)
)

// a null value where the topic has none
KStream.from(maybe).pipe(
  // @ts-expect-error Type 'null' is not assignable to type 'string'
  KStream.to(words)
)

// a join whose keys differ
KStream.from(clicks).pipe(
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  KStream.join(KTable.from(byNumber), (click, campaign) => click.page + campaign.budget)
)

// a join of tables whose keys differ
KTable.from(campaigns).pipe(
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  KTable.join(KTable.from(byNumber), (left, right) => left.budget + right.budget)
)

// a join of streams whose keys differ
KStream.from(clicks).pipe(
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  KStream.join(
    KStream.from(byNumber),
    (click, campaign) => click.page + campaign.budget,
    JoinWindows.ofTimeDifference("1 minute")
  )
)

// no serde for a stream whose records must be kept to be joined
KStream.from(clicks).pipe(
  KStream.mapValues((click) => click.page),
  // @ts-expect-error 'valueSerde' is missing
  KStream.join(KStream.from(lines), (page, line) => page + line, JoinWindows.ofTimeDifference("1 minute"))
)

// what an outer join of streams lacks
KStream.from(clicks).pipe(
  KStream.outerJoin(
    KStream.from(lines),
    // @ts-expect-error 'click' is possibly 'null'
    (click, line) => click.page + (line ?? ""),
    JoinWindows.ofTimeDifference("1 minute")
  )
)

// a stream that waits for a versioned table has to be kept, and nobody says how
KStream.from(clicks).pipe(
  KStream.mapValues((click) => click.page),
  // @ts-expect-error Property 'valueSerde' is missing
  KStream.join(KTable.from(campaigns), (page, campaign) => page + campaign.budget, { grace: "1 minute" })
)

// a versioned global table
// @ts-expect-error 'versioned' does not exist in type
GlobalKTable.from(campaigns, { versioned: { historyRetention: "1 hour" } })

// a foreign key that is none of the other table's
KTable.join(
  KTable.from(clicks),
  KTable.from(byNumber),
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  (click) => click.page,
  (click, campaign) => click.page + campaign.budget
)

// no serde for the rows that a foreign-key join tells apart by their bytes
KTable.from(clicks).pipe(
  KTable.mapValues((click) => click.page),
  // @ts-expect-error 'valueSerde' is missing
  KTable.join(KTable.from(campaigns), (page) => page, (page, campaign) => page + campaign.budget)
)

// a key for a global table that is none of its keys
KStream.from(clicks).pipe(
  KStream.join(
    GlobalKTable.from(byNumber),
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    (_key, click) => click.page,
    (click, campaign) => click.page + campaign.budget
  )
)

// what a left join with a global table lacks
KStream.from(clicks).pipe(
  // @ts-expect-error 'campaign' is possibly 'null'
  KStream.leftJoin(GlobalKTable.from(campaigns), (user) => user, (_click, campaign) => campaign.budget)
)

// a cogrouped stream that gathers something else
KStream.from(clicks).pipe(
  KStream.groupByKey,
  KGroupedStream.cogroup((sum: number, click) => sum + click.page.length),
  CogroupedKStream.cogroup(
    KStream.from(lines).pipe(KStream.groupByKey),
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    (sum, line) => `${sum}${line}`
  )
)

// cogrouped sessions that do not say how two become one
KStream.from(clicks).pipe(
  KStream.groupByKey,
  KGroupedStream.cogroup((sum: number, click) => sum + click.page.length),
  CogroupedKStream.windowedBy(SessionWindows.withGap("1 minute")),
  // @ts-expect-error Property 'merge' is missing in type
  SessionWindowedCogroupedKStream.aggregate({ initial: () => 0, value: Serde.int })
)

// sessions gathered as windows of time, which do not say how two become one
KStream.from(lines).pipe(
  KStream.groupByKey,
  KGroupedStream.windowedBy(SessionWindows.withGap("1 minute")),
  // @ts-expect-error Type '"SessionWindowedKStream"' is not assignable to type '"TimeWindowedKStream"'
  TimeWindowedKStream.count()
)

// a window aggregation to a topic without windowed key
KStream.from(lines).pipe(
  KStream.groupByKey,
  KGroupedStream.windowedBy(TimeWindows.tumbling("1 minute")),
  TimeWindowedKStream.count(),
  KTable.toStream,
  // @ts-expect-error Type 'Windowed<string>' is not assignable to type 'string'
  KStream.to(counts)
)

// an aggregation without window to a topic with windowed key
KStream.from(lines).pipe(
  KStream.groupByKey,
  KGroupedStream.count(),
  KTable.toStream,
  // @ts-expect-error Type 'string' is not assignable to type 'Windowed<string>'
  KStream.to(countsPerMinute)
)

// no serde for a new key, which must be written to be grouped
KStream.from(lines).pipe(
  KStream.map((key, line) => [line, key ?? ""]),
  // @ts-expect-error Type 'unknown' is not assignable to type 'Groupable'
  KStream.groupByKey
)

// a serde for the new key, but none for the new value that moves with it
KStream.from(lines).pipe(
  KStream.mapValues((line) => line.length),
  KStream.selectKey((_key, length) => length, Serde.int),
  // @ts-expect-error is not assignable to type 'KeySerde & ValueSerde'
  KStream.groupByKey
)

// no serde for the value that moves to its new group
KStream.from(lines).pipe(
  KStream.mapValues((line) => line.length),
  // @ts-expect-error 'valueSerde' is missing
  KStream.groupBy((_key, length) => length, Serde.int)
)

// no serde to move a rekeyed stream to the table that it is joined with
KStream.from(clicks).pipe(
  KStream.selectKey((_key, click) => click.page),
  // @ts-expect-error is not assignable to type 'Joinable'
  KStream.join(KTable.from(campaigns), (click, campaign) => click.page + campaign.budget)
)

// no serde for what a repartition writes
KStream.from(lines).pipe(
  KStream.mapValues((line) => line.length),
  // @ts-expect-error 'valueSerde' is missing
  KStream.repartition()
)

// no serde for what a table stores
KStream.from(lines).pipe(
  KStream.mapValues((line) => line.length),
  // @ts-expect-error 'valueSerde' is missing
  KStream.toTable({ as: "lengths" })
)

// no serde for the store of a table's new values
KTable.from(lines).pipe(
  KTable.mapValues((line) => line.length),
  // @ts-expect-error 'valueSerde' is missing
  KTable.filter((length) => length > 0, { as: "lengths" })
)

// a suppress of an unwindowed table
KStream.from(lines).pipe(
  KStream.groupByKey,
  KGroupedStream.count(),
  // @ts-expect-error Type 'string' is not assignable to type 'Windowed<unknown>'
  KTable.suppress(Suppressed.untilWindowCloses())
)

// a null key taken for none
KStream.from(lines).pipe(
  // @ts-expect-error 'key' is possibly 'null'
  KStream.filter((_line, key) => key.length > 0)
)

// a null value taken for none
KStream.from(maybe).pipe(
  // @ts-expect-error 'value' is possibly 'null'
  KStream.mapValues((value) => value.length)
)

// the right side of a left join taken for there
KStream.from(clicks).pipe(
  // @ts-expect-error 'campaign' is possibly 'null'
  KStream.leftJoin(KTable.from(campaigns), (_click, campaign) => campaign.budget)
)

// a function that does not give what its serde writes
KStream.from(lines).pipe(
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  KStream.flatMapValues((line) => [line.length], { value: Serde.string })
)

// the same, with the serde alone
KStream.from(lines).pipe(
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  KStream.mapValues((line) => line.length, Serde.string)
)

// an aggregation whose parts disagree with its serde
KStream.from(lines).pipe(
  KStream.groupByKey,
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  KGroupedStream.aggregate({ initial: () => "", add: (sum) => sum + 1, value: Serde.long })
)

// an effect whose service nobody provides: the app asks for it, and this one has nothing
const run = (_topology: Topology.Topology<never, never>): void => {}
const runHandled = (_topology: Topology.Topology<CheckFailed, never>): void => {}
// @ts-expect-error Type 'FraudCheck' is not assignable to type 'never'
runHandled(perMinute)

// an error that nobody handles
const failing = Topology.make(
  KStream.from(clicks).pipe(KStream.mapValuesEffect(() => Effect.fail("down" as const)), KStream.to(stats))
)
// @ts-expect-error Type '"down"' is not assignable to type 'never'
run(failing)

// a service that is not the one that was asked for
KStream.from(clicks).pipe(
  // @ts-expect-error Property 'isHonest' does not exist
  KStream.filterEffect(({ user }) => FraudCheck.use((check) => check.isHonest(user)))
)

// nothing that a topology is made of
// @ts-expect-error is missing the following properties from type 'Part<any, any>'
Topology.make(lines)

const seen = StateStore.keyValue({ name: "seen", key: Serde.string, value: Serde.int })
const other = StateStore.keyValue({ name: "other", key: Serde.string, value: Serde.string })

// a store that the processor does not name
KStream.from(lines).pipe(
  KStream.process({
    stores: [seen],
    init: (context) => {
      // @ts-expect-error is not assignable to parameter of type 'StateStore<KeyValueStore<string, number>>'
      context.getStateStore(other)
      return () => {}
    }
  })
)

// a value that the serde cannot write
KStream.from(lines).pipe(
  KStream.process({
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    init: (context) => ({ timestamp, value }) => context.forward({ key: value, value, timestamp })
  }, { key: Serde.string, value: Serde.int })
)

// another key where keys stay
KStream.from(lines).pipe(
  KStream.processValues({
    // @ts-expect-error missing the following properties from type 'FixedKeyRecord<string | null, number>'
    init: (context) => (record) => context.forward({ ...record, key: "b", value: 1 })
  }, Serde.int)
)

// a sink below nodes that forward other values
// @ts-expect-error Type 'string' is not assignable to type 'number'
ProcessorApi.sink("sink", ProcessorApi.source("source", lines), counts)

// a partitioner of other values
KStream.from(lines).pipe(
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  KStream.to(words, { streamPartitioner: (_topic: string, _key: string | null, value: number) => value })
)

// a processor that forwards what nothing says it does: serdes would, or the type of the context or of the supplier
KStream.from(lines).pipe(
  KStream.process({
    // @ts-expect-error Type 'string' is not assignable to type 'never'
    init: (context) => ({ timestamp, value }) => context.forward({ key: value, value, timestamp })
  })
)
KStream.from(lines).pipe(
  KStream.processValues({
    // @ts-expect-error is not assignable to parameter of type 'FixedKeyRecord<string | null, never>'
    init: (context) => (record) => context.forward(record)
  })
)

// a condition of a branch that is none
KStream.from(lines).pipe(
  // @ts-expect-error Type 'number' is not assignable to type 'boolean'
  KStream.split([(line) => line.length])
)

// a null value in a branch taken for none
KStream.from(maybe).pipe(
  // @ts-expect-error 'value' is possibly 'null'
  KStream.split([{ predicate: (value) => value.length > 1, name: "long" }])
)

// an end of a branch that wants another value
KStream.from(lines).pipe(
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  KStream.split([{ predicate: (line) => line.length > 1, consume: KStream.to(counts) }])
)

// an end of the rest that wants another value
KStream.from(lines).pipe(
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  KStream.split([(line) => line.length > 1], { rest: { consume: KStream.to(counts) } })
)

// a part that is made of a branch and is none, for it ends there
KStream.from(lines).pipe(
  // @ts-expect-error '"~KStream"' is missing in type 'Sink<never, never>'
  KStream.split([(line) => line.length > 1], { rest: { transform: (branch) => branch.pipe(KStream.to(words)) } })
)

// no serde for a branch that is moved
KStream.from(lines).pipe(
  KStream.mapValues((line) => line.length),
  KStream.split([(length) => length > 1], {
    // @ts-expect-error 'valueSerde' is missing
    rest: { consume: (branch) => branch.pipe(KStream.repartition(), KStream.to(counts)) }
  })
)

// an error in the end of a branch, which is part of all parts
const [longLines] = KStream.from(lines).pipe(
  KStream.split([(line) => line.length > 1], {
    rest: { consume: KStream.foreachEffect(() => Effect.fail("down" as const)) }
  })
)
// @ts-expect-error Type '"down"' is not assignable to type 'never'
run(Topology.make(longLines))

// streams of other values as one
KStream.from(lines).pipe(
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  KStream.merge(KStream.from(counts))
)

// a topic chosen by what is no name
KStream.from(lines).pipe(
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  KStream.toDynamic(({ value }) => value.length, { key: Serde.string, value: Serde.string })
)

// serdes of a topic chosen per record that do not write its values
KStream.from(lines).pipe(
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  KStream.toDynamic(() => "topic", { key: Serde.string, value: Serde.int })
)

// a format for other values than those that are printed
KStream.from(lines).pipe(
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  KStream.print({ to: (_line: string) => {}, format: (_key, length: number) => length.toFixed() })
)

// a pattern's topics taken for others
KStream.fromPattern(/lines-.*/, { key: Serde.string, value: Serde.int }).pipe(
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  KStream.to(words)
)

// a time that is made of a null value
KStream.fromPattern(/lines-.*/, { key: Serde.string, value: Serde.string }, {
  // @ts-expect-error 'value' is possibly 'null'
  timestamp: ({ value }) => value.length
})

// a store for a source, which keeps nothing
// @ts-expect-error Property 'takesStores' is missing in type 'Node<string | null, string>'
ProcessorApi.connect(seen, ProcessorApi.source("source", lines))
