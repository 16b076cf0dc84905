/**
 * The shards of one kind that this broker keeps, by partition of their topic.
 *
 * Keeps true: a partition has at most one shard; an election with an older epoch than the present one changes nothing.
 * Leaves to others: who leads a partition (the controller's image), what a shard does (`Shard`).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Shard, type ShardOptions } from "./Shard.ts"
import * as ShardError from "./ShardError.ts"
import type { ShardLog } from "./ShardLog.ts"

/**
 * What all shards of a runtime have in common.
 *
 * @since 0.1.0
 */
export type Options<State, Event, Timer, Action> = Pick<
  ShardOptions<State, Event, Timer, Action>,
  "machine" | "perform"
>

interface Kept<State, Event, Timer, Action> {
  readonly shard: Shard<State, Event, Timer, Action>
  readonly fiber: Fiber.Fiber<never>
}

/**
 * The shards of a kind.
 *
 * @since 0.1.0
 */
export interface ShardRuntime<State, Event, Timer, Action> {
  /** This broker leads the partition now: its shard starts to read the log. Returns before it is read. */
  readonly elected: (partition: number, leaderEpoch: number, log: ShardLog) => Effect.Effect<void>
  /** This broker leads the partition no more; returns when the shard has answered all that waited. */
  readonly resigned: (partition: number) => Effect.Effect<void>
  readonly shard: (partition: number) => Effect.Effect<Shard<State, Event, Timer, Action>, ShardError.ShardError>
  /** All shards, by rising partition. */
  readonly shards: () => ReadonlyArray<Shard<State, Event, Timer, Action>>
}

/**
 * A runtime without shards; they end with the scope.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*<State, Event, Timer, Action>(
  options: Options<State, Event, Timer, Action>
) {
  const scope = yield* Effect.scope
  const kept = new Map<number, Kept<State, Event, Timer, Action>>()

  const resigned = (partition: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      const found = kept.get(partition)
      kept.delete(partition)
      return found === undefined ? Effect.void : Fiber.interrupt(found.fiber)
    })

  const elected = Effect.fnUntraced(function*(partition: number, leaderEpoch: number, log: ShardLog) {
    const found = kept.get(partition)
    if (found !== undefined && found.shard.leaderEpoch >= leaderEpoch) return
    yield* resigned(partition)
    const shard = new Shard({ ...options, partition, leaderEpoch, log })
    const fiber = yield* Effect.forkIn(shard.run, scope)
    kept.set(partition, { shard, fiber })
  })

  const shard = (partition: number): Effect.Effect<Shard<State, Event, Timer, Action>, ShardError.ShardError> =>
    Effect.suspend(() => {
      const found = kept.get(partition)
      return found === undefined ? Effect.fail(ShardError.notOwner()) : Effect.succeed(found.shard)
    })

  const runtime: ShardRuntime<State, Event, Timer, Action> = {
    elected,
    resigned,
    shard,
    shards: () => [...kept].sort(([a], [b]) => a - b).map(([, entry]) => entry.shard)
  }
  return runtime
})
