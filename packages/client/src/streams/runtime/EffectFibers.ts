/**
 * Runs the effects of an instance's tasks, each in a fiber of its own.
 *
 * Keeps true: effects get the services and the ports of the app; none outlives the scope that this was made in.
 * Leaves to others: how many run at once, and in which order (the engine's `EffectStages`).
 *
 * @since 0.1.0
 */
import type { Erased } from "@millrace/core/serde/Erased"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { EffectRunner } from "../engine/effects/EffectStages.ts"

/**
 * The fibers, and how the loop waits for them.
 *
 * @since 0.1.0
 */
export interface EffectFibers extends EffectRunner {
  /** Waits until an effect has ended since the last call, at most `maxMs`. */
  readonly progress: (maxMs: number) => Effect.Effect<void>
  /** Waits until all that were interrupted have ended, at most `maxMs`. */
  readonly ended: (maxMs: number) => Effect.Effect<void>
}

/**
 * Fibers with the services at hand, in the scope at hand.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*() {
  // the types of an app say what its topology needs; those of its nodes no longer do
  const run = Effect.runForkWith((yield* Effect.context<never>()) as Context.Context<Erased>)
  const scope = yield* Effect.scope
  const interrupted = new Set<Fiber.Fiber<unknown, unknown>>()
  let hasProgress = false
  let wake: (() => void) | undefined
  const noteEnded = (fiber: Fiber.Fiber<unknown, unknown>) => {
    interrupted.delete(fiber)
    hasProgress = true
    wake?.()
  }
  const awaitProgress = Effect.callback<void>((resume) => {
    wake = () => resume(Effect.void)
    if (hasProgress) wake()
  })
  const fibers: EffectFibers = {
    run: (effect, onExit) => {
      const fiber = Fiber.runIn(run(effect), scope)
      fiber.addObserver((exit) => {
        onExit(exit)
        noteEnded(fiber)
      })
      return () => {
        if (fiber.pollUnsafe() !== undefined) return
        interrupted.add(fiber)
        fiber.interruptUnsafe()
      }
    },
    progress: (maxMs) =>
      awaitProgress.pipe(
        Effect.timeoutOption(maxMs),
        Effect.andThen(Effect.sync(() => {
          hasProgress = false
          wake = undefined
        }))
      ),
    ended: (maxMs) =>
      Effect.suspend(() => Fiber.awaitAll([...interrupted])).pipe(Effect.timeoutOption(maxMs), Effect.asVoid)
  }
  return fibers
})
