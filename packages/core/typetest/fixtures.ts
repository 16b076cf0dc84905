/**
 * What the type tests share: topics, schemas, a service, and a way to compare types.
 */
import { Serde, Topic } from "@millrace/core"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** True only for the very same type. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false

/** Compiles if the type is `true`. */
export const holds = <T extends true>(): T | undefined => undefined

export const Click = Schema.Struct({ user: Schema.String, page: Schema.String })
export const Campaign = Schema.Struct({ budget: Schema.Int })
export const Stats = Schema.Struct({ clicks: Schema.Int, budget: Schema.Int })

export const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
export const words = Topic.make("words", { key: Serde.string, value: Serde.string })
export const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })
export const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.json(Click) })
export const campaigns = Topic.make("campaigns", { key: Serde.string, value: Serde.json(Campaign) })
export const byNumber = Topic.make("by-number", { key: Serde.int, value: Serde.json(Campaign) })
export const maybe = Topic.make("maybe", { key: Serde.string, value: Serde.nullable(Serde.string) })
export const stats = Topic.make("stats", { key: Serde.string, value: Serde.json(Stats) })
export const countsPerMinute = Topic.make("counts-per-minute", {
  key: Serde.windowed(Serde.string, 60_000),
  value: Serde.long
})
export const statsPerMinute = Topic.make("stats-per-minute", {
  key: Serde.windowed(Serde.string, 60_000),
  value: Serde.json(Stats)
})

/** Why a check did not work. */
export class CheckFailed {
  readonly _tag = "CheckFailed"
}

/** A service that an effectful operator needs. */
export class FraudCheck extends Context.Service<FraudCheck, {
  readonly isFraud: (user: string) => Effect.Effect<boolean, CheckFailed>
}>()("test/FraudCheck") {}
