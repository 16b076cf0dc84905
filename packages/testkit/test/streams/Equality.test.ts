/**
 * The same topologies in the test driver and as apps on a simulated broker: a sample of the vectors, each of which has to give
 * what Kafka Streams gave, wherever it runs, and topologies that a seed makes.
 */
import { assert, describe, it } from "@effect/vitest"
import { runLive } from "../../../../scripts/vectors/live/run.ts"
import type { LiveSpec } from "../../../../scripts/vectors/live/spec.ts"
import * as Target from "../../../../scripts/vectors/live/target.ts"
import { check } from "../../../../scripts/vectors/streams.ts"
import { compose } from "../../../../scripts/vectors/streams/generate/compose.ts"
import { Random } from "../../../../scripts/vectors/streams/generate/random.ts"
import { runOne } from "../../../../scripts/vectors/streams/onCluster.ts"
import { specsOf } from "../../../../scripts/vectors/streams/specs.ts"
import { fileURLToPath } from "node:url"

const directory = (area: string) => fileURLToPath(new URL(`../../../../vectors/${area}`, import.meta.url))
const simulation = Target.simulation(1)

/** How many topologies are generated. */
const generated = 24

describe("equality", { timeout: 120_000 }, () => {
  it("of the driver, apps in a simulation and Kafka Streams", async () => {
    const outcomes = new Map<string, number>()
    for (const spec of specsOf(directory("streams"), { every: 32 })) {
      assert.deepStrictEqual(check(spec), { _tag: "Passed" }, spec.name)
      const outcome = await runOne(spec, simulation)
      if (outcome._tag !== "Skipped") assert.deepStrictEqual(outcome, { _tag: "Passed" }, spec.name)
      outcomes.set(outcome._tag, (outcomes.get(outcome._tag) ?? 0) + 1)
    }
    assert.isAtLeast(outcomes.get("Passed") ?? 0, 8)
  })

  it("of the driver and apps in a simulation, for generated topologies", async () => {
    let passed = 0
    for (let seed = 0; seed < generated; seed++) {
      const outcome = await runOne(compose(new Random(seed), `generated/${seed}`), simulation, "millrace")
      if (outcome._tag === "Skipped") continue
      assert.deepStrictEqual(outcome, { _tag: "Passed" }, `seed ${seed}`)
      passed++
    }
    assert.isAtLeast(passed, generated / 2)
  })

  it("of apps with several partitions in a simulation and on Kafka", async () => {
    for (const spec of specsOf<LiveSpec>(directory("streams-live"), { every: 20 })) {
      assert.deepStrictEqual(await runLive(spec, simulation), { _tag: "Passed" }, spec.name)
    }
  })
})
