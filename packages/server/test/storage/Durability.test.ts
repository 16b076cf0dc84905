import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { makeFlusher } from "../../src/storage/Durability.ts"
import { syncConcurrencyMax } from "../../src/limits.ts"

describe("Flusher", () => {
  it.effect("goes on syncing when a sync fails in an unexpected way", () =>
    Effect.gen(function*() {
      const flusher = yield* makeFlusher
      yield* Effect.forkScoped(flusher.run)
      for (let index = 0; index < 2 * syncConcurrencyMax; index++) flusher.request({ sync: Effect.die("a bug") })
      const synced = yield* Deferred.make<void>()
      flusher.request({ sync: Effect.asVoid(Deferred.succeed(synced, undefined)) })
      yield* Deferred.await(synced)
      assert.isTrue(Deferred.isDoneUnsafe(synced))
    }).pipe(Effect.scoped), 5_000)
})
