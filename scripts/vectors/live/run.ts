/**
 * One vector of a running application, from its topics to the comparison of what it left.
 */
import { StreamsError } from "@millrace/client/streams/runtime/StreamsError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { build } from "../streams/build.ts"
import { type Spec, Unsupported } from "../streams/spec.ts"
import type { Outcome } from "../streams/report.ts"
import { createTopics, feed, runApp } from "./app.ts"
import { compare } from "./compare.ts"
import { type LiveSpec, Mismatch, Refused } from "./spec.ts"
import type { Target } from "./target.ts"

const judgeFailure = (spec: Spec, failure: unknown): Effect.Effect<void, Mismatch | Refused> => {
  if (failure instanceof StreamsError) {
    if (spec.error !== undefined) return Effect.void
    // Kafka looks at partition counts only if there is a repartition topic, and else joins what does not belong together
    if (failure.reason === "Topology") return Effect.fail(new Refused({ detail: failure.detail }))
  }
  return Effect.fail(new Mismatch({ detail: String(failure) }))
}

const program = (spec: LiveSpec) => (stateDirectory: string) =>
  Effect.gen(function*() {
    yield* createTopics(spec)
    yield* feed(spec)
    const outcome = yield* Effect.result(runApp(spec, stateDirectory))
    if (outcome._tag === "Failure") return yield* judgeFailure(spec, outcome.failure)
    if (spec.error !== undefined) {
      return yield* new Mismatch({ detail: `no failure, where Kafka says ${spec.error.class}` })
    }
    yield* compare(spec)
  })

const buildsUnsafe = (spec: LiveSpec): Outcome | undefined => {
  const refused = spec.error?.at === "build"
  try {
    build(spec)
    return undefined
  } catch (error) {
    if (error instanceof Unsupported) return { _tag: "Unsupported", what: error.what }
    return refused ? { _tag: "Passed" } : { _tag: "Failed", why: String(error) }
  }
}

/** Runs a vector on a target. */
export const runLive = async (spec: LiveSpec, target: Target): Promise<Outcome> => {
  const built = buildsUnsafe(spec)
  if (built !== undefined) return built
  const exit = await target(program(spec))
  if (Exit.isSuccess(exit)) return { _tag: "Passed" }
  const failure = Cause.squash(exit.cause)
  if (failure instanceof Unsupported) return { _tag: "Unsupported", what: failure.what }
  if (failure instanceof Refused) return { _tag: "Refused", why: failure.detail }
  return { _tag: "Failed", why: failure instanceof Mismatch ? failure.detail : Cause.pretty(exit.cause) }
}
