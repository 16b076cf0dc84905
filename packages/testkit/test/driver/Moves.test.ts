/**
 * Generated topologies on instances that come, go and crash between records: what tasks kept goes with them, so that the answer
 * is that of the driver whose one task stays.
 */
import { Serde, Topic } from "@millrace/core"
import { PartitionedTestDriver } from "@millrace/testkit"
import { assert, it } from "@effect/vitest"
import { bytesOf } from "../../../../scripts/vectors/live/app.ts"
import { serdesOf } from "../../../../scripts/vectors/live/spec.ts"
import { build, resolveOptions } from "../../../../scripts/vectors/streams/build.ts"
import { exceptionHandlers, headerBytes, toJson } from "../../../../scripts/vectors/streams/execute.ts"
import { compose } from "../../../../scripts/vectors/streams/generate/compose.ts"
import { Random } from "../../../../scripts/vectors/streams/generate/random.ts"
import type { Known } from "../../../../scripts/vectors/streams/races.ts"
import type { Spec } from "../../../../scripts/vectors/streams/spec.ts"
import { type Timed, timing } from "../../../../scripts/vectors/streams/timing.ts"

/** How many topologies are generated. */
const generated = 300
const instancesMax = 3

/**
 * Not those that hold back for a time, nor those whose windows tell each update: after a move these take late records, and those
 * wait longer, as in Kafka, for a task remembers how far the time of its partitions had come, and not that of each operator.
 * What has left when windows closed is remembered.
 */
const isKept = ({ topology }: Spec): boolean => {
  const text = JSON.stringify(topology)
  const windowed = text.split("\"windows\":").length - 1
  const closing = text.split("\"emit\":\"onWindowClose\"").length - 1
  return !/"logging":false|"op":"suppress"/.test(text) && windowed === closing
}

const topicOf = (name: string) => Topic.make(name, { key: Serde.bytes, value: Serde.bytes })

/** One of the instances comes, goes or crashes; there is always one. */
const move = (driver: PartitionedTestDriver.PartitionedTestDriver, random: Random): void => {
  const names = [...driver.assignment().keys()]
  const name = random.pick(names)
  if (names.length === 1 || (names.length < instancesMax && random.chance(0.4))) driver.addInstance()
  else if (random.chance(0.5)) driver.stopInstance(name)
  else driver.crashInstance(name)
}

const run = (spec: Spec, { config, inputs }: Timed, random: Random): PartitionedTestDriver.PartitionedTestDriver => {
  const driver = PartitionedTestDriver.make(build(spec), {
    ...resolveOptions(spec),
    ...exceptionHandlers(config),
    instances: 2,
    processingGuarantee: random.pick(["at_least_once", "exactly_once"])
  })
  for (const { headers = [], key, keyHex, timestamp, topic, value, valueHex } of inputs) {
    const serdes = serdesOf(spec, topic)
    driver.pipe(topicOf(topic), {
      key: bytesOf(serdes.key, key, keyHex),
      value: bytesOf(serdes.value, value, valueHex),
      timestamp,
      headers: headers.map(([name, text]) => ({ key: name, value: headerBytes(text) }))
    })
    if (random.chance(0.3)) move(driver, random)
  }
  return driver
}

interface Found {
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
}

/** What can be compared, by key. */
const comparable = (records: ReadonlyArray<Found>, known: Known): ReadonlyArray<unknown> =>
  [...Map.groupBy(records, ({ key }) => JSON.stringify(key))].flatMap(([key, all]) => {
    const told = all.map(({ timestamp, value }) => JSON.stringify([value, timestamp]))
    if (known === "order") return [[key, told]]
    if (known === "values") return [[key, told.sort()]]
    const { value } = all.at(-1)!
    return known === "last" && value !== null ? [[key, value]] : []
  }).sort()

const readAll = (spec: Spec, driver: PartitionedTestDriver.PartitionedTestDriver, topic: string): Array<Found> => {
  const serdes = serdesOf(spec, topic)
  return driver.readAll(topicOf(topic)).map(({ key, timestamp, value }) => ({
    key: toJson(Serde.fromBytesUnsafe(serdes.key, key)),
    value: toJson(Serde.fromBytesUnsafe(serdes.value, value)),
    timestamp
  }))
}

it("gives the same answer wherever tasks move between records", { timeout: 120_000 }, () => {
  let compared = 0
  for (let seed = 0; seed < generated; seed++) {
    const spec = compose(new Random(seed), `generated/${seed}`)
    const timed = timing(spec, "millrace")
    if (timed._tag !== "Timed" || timed.outputs === undefined || !isKept(spec)) continue
    const driver = run(spec, timed, new Random(seed))
    const byTopic = Map.groupBy(
      timed.outputs as unknown as ReadonlyArray<Found & { topic: string }>,
      (each) => each.topic
    )
    for (const [topic, expected] of byTopic) {
      const known = timed.known(topic)
      const found = readAll(spec, driver, topic)
      assert.deepStrictEqual(comparable(found, known), comparable(expected, known), `${topic} of seed ${seed}`)
    }
    compared++
  }
  assert.isAtLeast(compared, 60)
})
