/**
 * Runs the effects of a topology under test, at once and to their end, on the driver's own clock.
 *
 * Keeps true: an effect that has to wait (for time, for another fiber, for the world) is refused with a `DriverError`.
 * Leaves to others: effects that wait (the simulation, an embedded broker).
 *
 * @since 0.1.0
 */
import type { EffectRunner } from "@millrace/client/streams/engine/effects/EffectStages"
import type { Erased } from "@millrace/core/serde/Erased"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { DriverError } from "./DriverError.ts"

/**
 * Effects with the services of a layer.
 *
 * @since 0.1.0
 */
export interface DriverEffects extends EffectRunner {
  /** Releases what the layer holds. */
  readonly close: () => void
}

const clockOf = (currentTimeMillis: () => number): Clock.Clock => {
  const nanos = () => BigInt(Math.trunc(currentTimeMillis())) * 1_000_000n
  return {
    currentTimeMillisUnsafe: currentTimeMillis,
    currentTimeMillis: Effect.sync(currentTimeMillis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: nanos,
    monotonicTimeNanos: Effect.sync(nanos),
    sleep: () => Effect.never
  }
}

const waits = (what: string): DriverError =>
  new DriverError({
    reason: "EffectWaits",
    detail: `${what} does not finish synchronously`,
    hint: "give the driver a service that answers at once, or run the app in the simulation"
  })

/**
 * Builds the layer; throws if it fails, or waits.
 *
 * @since 0.1.0
 */
export const makeUnsafe = (
  layer: Layer.Layer<Erased, Erased> | undefined,
  currentTimeMillis: () => number
): DriverEffects => {
  const clock = Context.make(Clock.Clock, clockOf(currentTimeMillis))
  const scope = Scope.makeUnsafe()
  const built = Effect.runSyncExitWith(clock)(Layer.buildWithScope(layer ?? Layer.empty, scope))
  if (Exit.isFailure(built)) {
    const why = Cause.squash(built.cause)
    throw Cause.isAsyncFiberError(why) ? waits("the layer") : why
  }
  const run = Effect.runSyncExitWith(Context.merge(clock, built.value) as Context.Context<Erased>)
  return {
    run: (effect, onExit) => {
      const exit = run(effect)
      const why = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      if (Cause.isAsyncFiberError(why)) {
        why.fiber.interruptUnsafe()
        onExit(Exit.die(waits("the effect")))
      } else onExit(exit)
      return () => {}
    },
    close: () => Effect.runSync(Scope.close(scope, Exit.void))
  }
}
