/**
 * The blocks of API.md, as they are written there: they compile, and their types are what they should be.
 */
import {
  GlobalKTable,
  JoinWindows,
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  Serde,
  Suppressed,
  Topology
} from "@millrace/core"
import { CogroupedKStream, SessionWindowedCogroupedKStream, TimeWindowedCogroupedKStream } from "@millrace/core"
import { SessionWindowedKStream, SessionWindows, SlidingWindows, UnlimitedWindows } from "@millrace/core"
import { TimeWindowedKStream, TimeWindows, type Windowed } from "@millrace/core"
import { ProcessorApi, ProcessorSupplier, StateStore } from "@millrace/core"
import type * as Known from "@millrace/core/streams/Known"
import * as Effect from "effect/Effect"
import {
  byNumber,
  campaigns,
  type CheckFailed,
  clicks,
  counts,
  FraudCheck,
  holds,
  lines,
  maybe,
  type Same
} from "./fixtures.ts"
import { Stats, statsPerMinute, words } from "./fixtures.ts"

export const wordCount = Topology.make(
  KStream.from(lines).pipe(
    KStream.flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [], Serde.string),
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count({ as: "counts" }),
    KTable.toStream,
    KStream.to(counts)
  )
)
holds<Same<typeof wordCount, Topology.Topology<never, never>>>()

const emptyStats = { clicks: 0, budget: 0 }
const addClick = (stats: typeof Stats.Type, click: { readonly user: string; readonly budget: number }) => ({
  clicks: stats.clicks + 1,
  budget: click.budget
})

const clicksPerCampaign = KStream.from(clicks).pipe(
  KStream.join(KTable.from(campaigns), (click, campaign) => ({ ...click, budget: campaign.budget })),
  KStream.filterEffect(({ user }) => Effect.map(FraudCheck.use((check) => check.isFraud(user)), (fraud) => !fraud)),
  KStream.groupByKey,
  KGroupedStream.windowedBy(TimeWindows.tumbling("1 minute", { grace: "10 seconds" })),
  TimeWindowedKStream.aggregate({
    initial: () => emptyStats,
    add: (stats, click) => addClick(stats, click),
    value: Serde.json(Stats)
  }),
  KTable.suppress(Suppressed.untilWindowCloses()),
  KTable.toStream,
  KStream.to(statsPerMinute)
)
export const perMinute = Topology.make(clicksPerCampaign)
holds<Same<typeof perMinute, Topology.Topology<CheckFailed, FraudCheck>>>()
export const all = Topology.merge(wordCount, perMinute)
holds<Same<typeof all, Topology.Topology<CheckFailed, FraudCheck>>>()

// sources know both serdes; their keys may be null
const source = KStream.from(lines)
holds<typeof source extends KStream.KStream<string | null, string> ? true : false>()
holds<typeof source extends KStream.KStream<string, string> ? false : true>()

// tables know no nulls
const table = KTable.from(maybe)
holds<typeof table extends KTable.KTable<string, string> ? true : false>()

// data-first and data-last agree
const last = source.pipe(KStream.mapValues((line, key) => [line, key] as const))
const first = KStream.mapValues(source, (line, key) => [line, key] as const)
holds<Same<typeof last, typeof first>>()

// a filter may narrow; a mapped value keeps the key's serde, so that a value serde completes it
const kept = KStream.from(maybe).pipe(
  KStream.filter((value): value is string => value !== null),
  KStream.mapValues((value) => value.length),
  KStream.mapValues((length) => length + 1, Serde.int),
  KStream.selectKey((_key, length) => length, Serde.int),
  KStream.groupByKey,
  KGroupedStream.reduce((a, b) => a + b)
)
holds<typeof kept extends KTable.KTable<number, number> ? true : false>()

// grouping by the key that a record came with moves nothing, and needs no value serde
const unmoved = KStream.from(lines).pipe(
  KStream.mapValues((line) => line.length),
  KStream.groupByKey,
  KGroupedStream.aggregate({ initial: () => 0, add: (sum, length) => sum + length, value: Serde.long })
)
holds<typeof unmoved extends KTable.KTable<string, number> ? true : false>()

// windowed keys, hopping windows
const windowed = KStream.from(lines).pipe(
  KStream.groupByKey,
  KGroupedStream.windowedBy(TimeWindows.hopping("10 seconds", { advance: "1 second" })),
  TimeWindowedKStream.count()
)
holds<typeof windowed extends KTable.KTable<Windowed.Windowed<string>, number> ? true : false>()

// left joins see null, and keep records without key
const left = KStream.from(clicks).pipe(
  KStream.leftJoin(KTable.from(campaigns), (_click, campaign) => campaign?.budget ?? 0)
)
holds<typeof left extends KStream.KStream<string | null, number, never, never, unknown> ? true : false>()

// streams joined: what may be missing is null, and so is the key of a record that is kept without one
const met = KStream.from(clicks).pipe(
  KStream.join(KStream.from(lines), (click, line) => click.page + line, JoinWindows.ofTimeDifference("1 minute"))
)
holds<typeof met extends KStream.KStream<string, string, never, never, Known.KeySerde> ? true : false>()
const alone = KStream.outerJoin(
  KStream.from(clicks),
  KStream.from(lines).pipe(KStream.mapValues((line) => line.length, Serde.int)),
  (click, length, _key) => (click?.page.length ?? 0) + (length ?? 0),
  JoinWindows.ofTimeDifference("1 minute", { after: 0, grace: "10 seconds" }),
  { storeName: "met" }
)
holds<typeof alone extends KStream.KStream<string | null, number, never, never, Known.KeySerde> ? true : false>()
holds<typeof alone extends KStream.KStream<string, number, never, never, unknown> ? false : true>()
const metByNumber = KStream.from(lines).pipe(
  KStream.map((_key, line) => [line.length, line.length]),
  KStream.leftJoin(
    KStream.from(byNumber),
    (length, campaign) => length + (campaign?.budget ?? 0),
    JoinWindows.ofTimeDifference("1 minute"),
    { key: Serde.int, value: Serde.int, otherValue: byNumber.value }
  )
)
holds<typeof metByNumber extends KStream.KStream<number | null, number, never, never, unknown> ? true : false>()

// parts of a split, with and without the rest
const [short, long] = KStream.split(source, [(line) => line.length < 3, { predicate: () => true, name: "long" }])
const [even, odd] = source.pipe(KStream.split([(line) => line.length % 2 === 0], { rest: true }))
holds<Same<typeof short, typeof source>>()
holds<Same<typeof odd, typeof even>>()

// a table grouped by new keys
const perBudget = KTable.from(campaigns).pipe(
  KTable.filter((campaign) => campaign.budget > 0, { as: "rich" }),
  KTable.groupBy((key, campaign) => [campaign.budget, key], { key: Serde.int, value: Serde.string }),
  KGroupedTable.aggregate({
    initial: () => "",
    add: (all, key) => all + key,
    remove: (all, key) => all.replace(key, ""),
    value: Serde.string
  })
)
holds<typeof perBudget extends KTable.KTable<number, string> ? true : false>()

// tables joined: what may be missing is null, and a result without serde cannot be stored
const budgets = KTable.from(campaigns).pipe(
  KTable.leftJoin(KTable.from(words), (campaign, word) => campaign.budget + (word?.length ?? 0)),
  KTable.outerJoin(KTable.from(counts), (budget, count, _key: string) => (budget ?? 0) + (count ?? 0), {
    value: Serde.int,
    as: "budgets"
  })
)
holds<typeof budgets extends KTable.KTable<string, number> ? true : false>()

// tables joined by a foreign key, which may be null; of the value, or of the key as well
const perCampaign = KTable.from(clicks).pipe(
  KTable.join(KTable.from(byNumber), (click) => click.page.length, (click, campaign) => click.page + campaign.budget),
  KTable.toStream,
  KStream.to(words)
)
holds<Same<typeof perCampaign, KStream.Sink<never, never>>>()
const perOwner = KTable.leftJoin(
  KTable.from(clicks),
  KTable.from(campaigns),
  (click, key) => click.page === "" ? null : key + click.user,
  (click, campaign, _key: string) => click.page.length + (campaign?.budget ?? 0),
  { value: Serde.int, name: "per-owner", partition: (key, partitions) => key.length % partitions }
)
holds<typeof perOwner extends KTable.KTable<string, number, never, never, Known.Both> ? true : false>()

// sessions merge, sliding and unlimited windows do not
const sessions = KStream.from(lines).pipe(
  KStream.groupBy((_key, line) => line, Serde.string),
  KGroupedStream.windowedBy(SessionWindows.withGap("5 minutes", { grace: "1 minute" })),
  SessionWindowedKStream.aggregate({
    initial: () => 0,
    add: (sum, line) => sum + line.length,
    merge: (first, second) => first + second,
    value: Serde.int,
    as: "sessions"
  })
)
holds<typeof sessions extends KTable.KTable<Windowed.Windowed<string>, number> ? true : false>()
const sliding = KStream.from(lines).pipe(
  KStream.groupBy((_key, line) => line, Serde.string),
  KGroupedStream.windowedBy(SlidingWindows.ofTimeDifference("1 minute")),
  TimeWindowedKStream.count()
)
const unlimited = KStream.from(lines).pipe(
  KStream.groupBy((_key, line) => line, Serde.string),
  KGroupedStream.windowedBy(UnlimitedWindows.from()),
  TimeWindowedKStream.count()
)
holds<Same<typeof sliding, typeof unlimited>>()

// several grouped streams gather into one, of the type that the first says
const spent = KStream.from(clicks).pipe(
  KStream.groupByKey,
  KGroupedStream.cogroup((sum: number, click) => sum + click.page.length),
  CogroupedKStream.cogroup(KStream.from(lines).pipe(KStream.groupByKey), (sum, line) => sum + line.length)
)
const spentAtAll = spent.pipe(CogroupedKStream.aggregate({ initial: () => 0, value: Serde.int, as: "spent" }))
holds<typeof spentAtAll extends KTable.KTable<string, number> ? true : false>()
const spentPerMinute = spent.pipe(
  CogroupedKStream.windowedBy(TimeWindows.tumbling("1 minute")),
  TimeWindowedCogroupedKStream.aggregate({ initial: () => 0, value: Serde.int })
)
const spentPerSession = spent.pipe(
  CogroupedKStream.windowedBy(SessionWindows.withGap("1 minute")),
  SessionWindowedCogroupedKStream.aggregate({ initial: () => 0, merge: (a, b) => a + b, value: Serde.int })
)
holds<Same<typeof spentPerMinute, typeof spentPerSession>>()
holds<typeof spentPerMinute extends KTable.KTable<Windowed.Windowed<string>, number> ? true : false>()

// a versioned table remembers: a stream that waits is joined with what it held then
const history = KTable.from(campaigns, { as: "history", versioned: { historyRetention: "1 hour" } })
const then = KStream.from(clicks).pipe(
  KStream.join(history, (click, campaign) => ({ ...click, budget: campaign.budget }), { grace: "1 minute" }),
  KStream.groupByKey,
  KGroupedStream.count({
    as: "versioned-counts",
    versioned: { historyRetention: "1 hour", segmentInterval: "1 minute" }
  })
)
holds<typeof then extends KTable.KTable<string, number> ? true : false>()
const thenFirst = KStream.leftJoin(KStream.from(clicks), history, (_click, campaign) => campaign?.budget ?? 0, {
  grace: "1 minute",
  name: "then"
})

// a global table is joined by whatever is in the record; key, partition and the key's serde stay
const everywhere = KStream.from(clicks).pipe(
  KStream.join(
    GlobalKTable.from(campaigns, { as: "campaigns" }),
    (_key, click) => click.page,
    (click, campaign, user) => ({
      user,
      budget: campaign.budget,
      page: click.page
    })
  ),
  KStream.leftJoin(GlobalKTable.from(words), (user) => user, (click, word) => word?.length ?? click.budget)
)
const perUser = everywhere.pipe(
  KStream.groupByKey,
  KGroupedStream.aggregate({ initial: () => 0, add: (sum, n) => sum + n, value: Serde.int })
)
holds<typeof perUser extends KTable.KTable<string, number> ? true : false>()
const everywhereFirst = KStream.leftJoin(
  KStream.from(lines),
  GlobalKTable.from(words),
  (_key, line) => line,
  (line, word, key) => [line, word, key] as const
)
holds<
  typeof everywhereFirst extends
    KStream.KStream<string | null, readonly [string, string | null, string | null], never, never, unknown> ? true :
    false
>()

export const everything = Topology.make(
  sessions,
  sliding,
  unlimited,
  budgets,
  kept,
  unmoved,
  windowed,
  left,
  then,
  thenFirst,
  perUser,
  spentAtAll,
  spentPerMinute,
  spentPerSession,
  long.pipe(KStream.merge(even), KStream.repartition({ partitions: 3 }), KStream.to(words)),
  long.pipe(
    KStream.repartition({
      name: "mine",
      streamPartitioner: (topic, key, value, numPartitions) =>
        key === null ? [] : key.length + value.length + topic.length % numPartitions
    }),
    KStream.to(words, { streamPartitioner: (_topic, key, word) => key === null ? undefined : word.length })
  ),
  odd.pipe(KStream.foreach((line) => line)),
  KStream.from(words).pipe(KStream.toTable({ as: "words" })),
  perBudget
)
holds<Same<typeof everything, Topology.Topology<never, never>>>()

// processors: records and stores are typed from the stream and the handles; serdes say what is forwarded
const seen = StateStore.keyValue({ name: "seen", key: Serde.string, value: Serde.int })
const lengths = KStream.from(lines).pipe(
  KStream.process({
    stores: [seen],
    init: (context) => {
      const store = context.getStateStore(seen)
      return ({ key, timestamp, value }) => {
        store.put(value, (store.get(value) ?? 0) + 1)
        context.forward({ key: key === null ? null : key.length, value: value.length, timestamp })
      }
    }
  }, { key: Serde.int, value: Serde.int })
)
holds<typeof lengths extends KStream.KStream<number | null, number> ? true : false>()
const marked = KStream.from(lines).pipe(
  KStream.processValues({
    init: (context) => (record) => context.forward(record.withValue(record.value.length))
  }, Serde.int),
  KStream.groupByKey
)
holds<typeof marked extends KGroupedStream.KGroupedStream<string, number> ? true : false>()
const numbered = KTable.transformValues(KTable.from(campaigns), {
  stores: [seen],
  init: (context) => (campaign, key) =>
    campaign === null ? null : campaign.budget + (context.getStateStore(seen).get(key) ?? 0)
}, Serde.int)
holds<typeof numbered extends KTable.KTable<string, number> ? true : false>()

// named nodes: what parents forward is what children take
const upper = ProcessorSupplier.make<string | null, string, string | null, string>()({
  init: (context) => (record) => context.forward({ ...record, value: record.value.toUpperCase() })
})
const source2 = ProcessorApi.source("source", lines)
export const nodes = Topology.make(
  lengths,
  marked,
  numbered,
  ProcessorApi.sink("sink", [source2, ProcessorApi.processor("upper", source2, upper)], words)
)
holds<Same<typeof nodes, Topology.Topology<never, never>>>()
