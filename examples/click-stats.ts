/**
 * Clicks per campaign and minute, without those of frauds: joins, an effect that asks a service, windows, a final result.
 *
 * Run it on any Kafka with `KAFKA_BOOTSTRAP_SERVERS=… npx -y pnpm@12 app click-stats`.
 */
import { StreamsApp } from "@millrace/client"
import { Kafka, KGroupedStream, KStream, KTable, Serde, Suppressed, Topic, Topology } from "@millrace/core"
import { TimeWindowedKStream, TimeWindows } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import { Context, Data, Effect, Layer, Schema } from "effect"

const Click = Schema.Struct({ user: Schema.String })
const Campaign = Schema.Struct({ budget: Schema.Int })
const Stats = Schema.Struct({ clicks: Schema.Int, budget: Schema.Int })

export const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.json(Click) })
export const campaigns = Topic.make("campaigns", { key: Serde.string, value: Serde.json(Campaign) })
export const statsPerMinute = Topic.make("stats-per-minute", {
  key: Serde.windowed(Serde.string, 60_000),
  value: Serde.json(Stats)
})

export class CheckFailed extends Data.TaggedError("CheckFailed")<{ readonly user: string }> {}

/** Tells whether a user is a fraud. */
export class FraudCheck extends Context.Service<FraudCheck, {
  readonly isFraud: (user: string) => Effect.Effect<boolean, CheckFailed>
}>()("@millrace/examples/FraudCheck") {
  /** Whoever says so of himself. */
  static readonly layerHonest = Layer.succeed(FraudCheck, {
    isFraud: (user) => Effect.succeed(user.startsWith("fraud"))
  })
}

const emptyStats: typeof Stats.Type = { clicks: 0, budget: 0 }
const addClick = (stats: typeof Stats.Type, click: { readonly budget: number }) => ({
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

export const clickStats = Topology.make(clicksPerCampaign)

export const App = StreamsApp.layer(clickStats, {
  applicationId: "click-stats",
  processingGuarantee: "exactly_once"
}).pipe(Layer.provide(FraudCheck.layerHonest))

if (import.meta.main) {
  NodePlatform.runMain(
    StreamsApp.launch(App).pipe(Effect.provide(Layer.mergeAll(Kafka.layerConfig, NodePlatform.layer)))
  )
}
