import * as Settings from "@millrace/client/streams/runtime/Settings"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

describe("Settings", () => {
  it.effect("refuses numbers of threads and copies, and addresses, that cannot be", () =>
    Effect.gen(function*() {
      const wrong: ReadonlyArray<Partial<Settings.Options>> = [
        { numStreamThreads: 0 },
        { numStreamThreads: 1.5 },
        { numStandbyReplicas: -1 },
        { maxWarmupReplicas: 0 },
        { acceptableRecoveryLag: -1 },
        { rackAwareAssignmentTrafficCost: -1 },
        { rackAwareAssignmentNonOverlapCost: 0.5 },
        { applicationServer: "host" },
        { queryListener: "host" },
        { groupInstanceId: "" },
        { groupInstanceId: "a b" }
      ]
      for (const options of wrong) {
        const failure = yield* Effect.flip(Settings.resolve({ applicationId: "app", ...options }))
        assert.strictEqual(failure.reason, "Settings", JSON.stringify(options))
      }
      const right = yield* Settings.resolve({ applicationId: "app", numStreamThreads: 2, applicationServer: "host:1" })
      assert.strictEqual(right.numStreamThreads, 2)
    }))

  it.effect("takes from the environment what the program does not say", () =>
    Effect.gen(function*() {
      const given = { KAFKA_STREAMS_GROUP_INSTANCE_ID: "pod-1", KAFKA_STREAMS_SESSION_TIMEOUT_MS: "6000" }
      const resolve = (options: Partial<Settings.Options>) =>
        Effect.provide(
          Settings.resolve({ applicationId: "app", ...options }),
          ConfigProvider.layer(ConfigProvider.fromUnknown(given))
        )
      const { groupInstanceId, sessionTimeoutMs } = yield* resolve({})
      assert.deepStrictEqual([groupInstanceId, sessionTimeoutMs], ["pod-1", 6000])
      assert.strictEqual((yield* resolve({ groupInstanceId: "mine" })).groupInstanceId, "mine")
    }))
})
