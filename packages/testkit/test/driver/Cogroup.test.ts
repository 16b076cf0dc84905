import {
  CogroupedKStream,
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  SessionWindowedCogroupedKStream,
  SessionWindowedKStream,
  SessionWindows,
  SlidingWindows,
  TimeWindowedCogroupedKStream,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import * as PartitionCounts from "@millrace/core/streams/PartitionCounts"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const left = Topic.make("left", { key: Serde.string, value: Serde.string })
const right = Topic.make("right", { key: Serde.string, value: Serde.int })
const totals = Topic.make("totals", { key: Serde.string, value: Serde.string })
const perTen = Topic.make("per-ten", { key: Serde.windowed(Serde.string, 10), value: Serde.string })
const perSession = Topic.make("per-session", { key: Serde.sessionWindowed(Serde.string), value: Serde.string })

const add = (text: string, value: string | number) => `${text}${value},`
const initial = () => ""
const value = Serde.string

const cogrouped = KStream.from(left).pipe(
  KStream.groupByKey,
  KGroupedStream.cogroup((text: string, line) => add(text, line)),
  CogroupedKStream.cogroup(KStream.from(right).pipe(KStream.groupByKey), (text, n) => add(text, n))
)
const merged = KStream.merge(
  KStream.from(left),
  KStream.from(right).pipe(KStream.mapValues((n) => String(n), Serde.string))
).pipe(KStream.groupByKey)

const Pair = Schema.Struct({
  topic: Schema.Literals(["left", "right"]),
  key: Schema.Literals(["a", "b"]),
  after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8 }))
})

/** Records in the order of time: a windowed processor of each stream keeps a time of its own. */
const answers = <K, V>(topology: Topology.Topology, out: Topic.Topic<K, V>, given: ReadonlyArray<typeof Pair.Type>) => {
  const driver = TopologyTestDriver.make(topology)
  let timestamp = 0
  for (const [index, { after, key, topic }] of given.entries()) {
    timestamp += after
    if (topic === "left") driver.pipe(left, { key, value: String(index), timestamp })
    else driver.pipe(right, { key, value: index, timestamp })
  }
  return driver.read(out)
}

const holdsFor = <K, V>(ours: KTable.KTable<K, V>, merges: KTable.KTable<K, V>, out: Topic.Topic<K, V>) =>
  [
    Topology.make(ours.pipe(KTable.toStream, KStream.to(out))),
    Topology.make(merges.pipe(KTable.toStream, KStream.to(out)))
  ] as const

describe("cogroup", () => {
  const tumbling = TimeWindows.tumbling(10, { grace: 100 })
  const sliding = SlidingWindows.ofTimeDifference(10, { grace: 100 })
  const sessions = SessionWindows.withGap(3, { grace: 100 })
  const merge = (first: string, second: string) => first + second

  it.effect.prop(
    "gathers what an aggregation of the merged streams does, in windows or not",
    [Schema.Array(Pair)],
    ([given]) =>
      Effect.sync(() => {
        const plain = holdsFor(
          cogrouped.pipe(CogroupedKStream.aggregate({ initial, value })),
          merged.pipe(KGroupedStream.aggregate({ initial, add, value })),
          totals
        )
        assert.deepStrictEqual(answers(plain[0], totals, given), answers(plain[1], totals, given))
        for (const windows of [tumbling, sliding]) {
          const windowed = holdsFor(
            cogrouped.pipe(
              CogroupedKStream.windowedBy(windows),
              TimeWindowedCogroupedKStream.aggregate({ initial, value })
            ),
            merged.pipe(KGroupedStream.windowedBy(windows), TimeWindowedKStream.aggregate({ initial, add, value })),
            perTen
          )
          assert.deepStrictEqual(answers(windowed[0], perTen, given), answers(windowed[1], perTen, given))
        }
        const inSessions = holdsFor(
          cogrouped.pipe(
            CogroupedKStream.windowedBy(sessions),
            SessionWindowedCogroupedKStream.aggregate({ initial, merge, value })
          ),
          merged.pipe(
            KGroupedStream.windowedBy(sessions),
            SessionWindowedKStream.aggregate({ initial, add, merge, value })
          ),
          perSession
        )
        assert.deepStrictEqual(answers(inSessions[0], perSession, given), answers(inSessions[1], perSession, given))
      }),
    { arbitrary: { runs: 25, seed: "cogroup" } }
  )

  it("needs names for groups that are repartitioned, and equal counts of their topics", () => {
    const regrouped = (name: string | undefined) =>
      KStream.from(left).pipe(
        KStream.groupBy((_key, line) => line, { key: Serde.string, name }),
        KGroupedStream.cogroup((text: string, line) => add(text, line)),
        CogroupedKStream.cogroup(
          KStream.from(right).pipe(KStream.groupBy((_key, n) => String(n), {
            key: Serde.string,
            name: name === undefined ? undefined : `${name}-too`
          })),
          (text, n) => add(text, n)
        ),
        CogroupedKStream.aggregate({ initial, value, as: "together" })
      )
    const problems = Topology.validate(Topology.make(regrouped(undefined)))
    assert.deepStrictEqual([...new Set(problems.map(({ reason }) => reason))], ["DuplicateName"])
    const named = Result.getOrThrow(Topology.resolve(Topology.make(regrouped("lines")), { applicationId: "app" }))
    const counted = (right: number) => PartitionCounts.resolve(named, (topic) => topic === "right" ? right : 2)
    assert.deepStrictEqual(Result.getOrThrow(counted(2)).tasks, [2, 2, 2])
    const failure = Result.getFailure(counted(3))
    assert.deepStrictEqual(Option.getOrThrow(failure).problems.map(({ reason }) => reason), ["NotCopartitioned"])
  })
})
