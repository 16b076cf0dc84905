/**
 * Mistakes where an app is put together, each refused at its line. The text after `@ts-expect-error` must be part of what the
 * compiler says there: `test/streams/types.test.ts` holds that.
 */
// @effect-diagnostics missingEffectContext:off missingEffectError:off
import { StreamsApp } from "@millrace/client"
import { Kafka, KStream, Serde, Topic, Topology } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

class FraudCheck extends Context.Service<FraudCheck, {
  readonly isFraud: (user: string) => Effect.Effect<boolean, "down">
}>()("test/FraudCheck") {}

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(clicks).pipe(
    KStream.filterEffect((user) => FraudCheck.use((check) => check.isFraud(user))),
    KStream.to(Topic.make("checked", { key: Serde.string, value: Serde.string }))
  )
)

const launched = StreamsApp.launch(StreamsApp.layer(topology, { applicationId: "checks" }))
const running = Effect.provide(launched, Layer.mergeAll(Kafka.layerConfig, NodePlatform.layer))

// an effect whose service nobody provides
// @ts-expect-error Type 'FraudCheck' is not assignable to type 'never'
NodePlatform.runMain(running)

// with the service it runs
const checks = Layer.succeed(FraudCheck, {
  isFraud: (user) => user === "" ? Effect.fail("down") : Effect.succeed(true)
})
export const main = (): void => NodePlatform.runMain(Effect.provide(running, checks))

// an error of an effect that nobody handles
const handled = (_app: Effect.Effect<void, StreamsApp.StreamsError<never>, unknown>): void => {}
// @ts-expect-error Type '"down"' is not assignable to type 'never'
handled(launched)

// whoever handles it has it with its type
export const reason = Effect.mapError(launched, ({ error }): "down" | undefined => error)
