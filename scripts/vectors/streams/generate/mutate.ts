/**
 * Specs made from others: other inputs of the same kind, other settings, other numbers in the topology. What Kafka answers to
 * them is for the oracle to say; a spec that cannot be built is one, too.
 */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Spec } from "../spec.ts"
import { steps } from "./inputs.ts"
import type { Random } from "./random.ts"
import { settingsLike } from "./settings.ts"

/** Inputs with the keys and values of the given ones, by topic, and other times. */
const stepsLike = (given: ReadonlyArray<Erased>, random: Random): ReadonlyArray<Erased> => {
  const inputs = given.flatMap((step) => step.in === undefined ? [] : [step.in])
  if (inputs.length === 0) return given
  const nulls = random.pick([0, 0.05, 0.15])
  const feed = () => {
    const { topic } = random.pick(inputs)
    const own = inputs.filter((input: Erased) => input.topic === topic)
    const { key = null, keyHex } = random.pick<Erased>(own)
    const { value = null, valueHex } = random.pick<Erased>(own)
    return {
      topic,
      ...(keyHex === undefined ? { key: random.chance(nulls) ? null : key } : { keyHex }),
      ...(valueHex === undefined ? { value: random.chance(nulls) ? null : value } : { valueHex })
    }
  }
  const advances = given.some((step) => step.advanceWallClockMs !== undefined) ? 0.3 : random.pick([0, 0, 0, 0.05])
  return steps(random, feed, advances)
}

const numbers = new Set([
  "sizeMs",
  "advanceMs",
  "graceMs",
  "diffMs",
  "gapMs",
  "beforeMs",
  "afterMs",
  "ms",
  "retentionMs",
  "historyRetentionMs",
  "segmentIntervalMs",
  "maxRecords",
  "maxBytes",
  "maxEntries",
  "everyMs",
  "cancelAfter",
  "startMs",
  "n",
  "by",
  "windowSizeMs"
])

const numberLike = (number: number, random: Random): number =>
  random.pick([
    number + 1,
    Math.max(0, number - 1),
    number * 2,
    Math.floor(number / 2),
    0,
    1,
    random.between(1, 30),
    number * 10
  ])

const flags = new Set(["caching", "logging", "retainDuplicates"])

const joins = ["join", "leftJoin", "outerJoin"]

const joinLike = (op: Erased, random: Random): string =>
  random.pick(op.op !== "outerJoin" && op.windows === undefined ? ["join", "leftJoin"] : joins)

const materializedLike = (random: Random): Erased =>
  random.pick([
    { caching: false },
    { caching: true },
    { logging: false },
    { storeType: "inMemory" },
    { retentionMs: random.between(1, 200) }
  ])

/** What is chosen by, how often, and from which names. */
interface Choices {
  readonly random: Random
  readonly rate: number
  readonly names: ReadonlyArray<string>
}

/** All names that a topology gives, so that some of them can meet. */
const namesOf = (value: Erased): ReadonlyArray<string> => {
  if (typeof value !== "object" || value === null) return []
  return Object.entries<Erased>(value).flatMap(([name, field]) =>
    name === "name" && typeof field === "string" ? [field] : namesOf(field)
  )
}

const fieldLike = (op: Erased, name: string, field: Erased, choices: Choices): Erased => {
  const { names, random, rate } = choices
  if (name === "name" && typeof field === "string" && random.chance(rate / 20)) return random.pick(names)
  if (random.chance(rate)) {
    if (numbers.has(name)) return numberLike(field, random)
    if (flags.has(name)) return field !== true
    if (name === "emit") return field === "onWindowClose" ? "onWindowUpdate" : "onWindowClose"
    if (name === "op" && joins.includes(field)) return joinLike(op, random)
    if (name === "materialized") return { ...topologyLike(field, choices), ...materializedLike(random) }
  }
  return topologyLike(field, choices)
}

/** The same operations with some numbers, flags, strategies and names changed. */
const topologyLike = (value: Erased, choices: Choices): Erased => {
  if (Array.isArray(value)) return value.map((each) => topologyLike(each, choices))
  if (typeof value !== "object" || value === null) return value
  const fields = Object.entries<Erased>(value)
  return Object.fromEntries(fields.map(([name, field]) => [name, fieldLike(value, name, field, choices)]))
}

/** A spec like the given one, without answers. */
export const mutate = (spec: Spec, random: Random, name: string): Spec => {
  const { area, describeOnly, lowLevel, serdes, wallClockStartMs } = spec
  return {
    name,
    area,
    config: settingsLike(spec.config, random, random.pick([0, 0, 0.3, 0.6])),
    ...(lowLevel === undefined ? {} : { lowLevel }),
    ...(describeOnly === undefined ? {} : { describeOnly }),
    ...(wallClockStartMs === undefined ? {} : { wallClockStartMs }),
    serdes,
    topology: topologyLike(spec.topology, {
      random,
      rate: random.pick([0, 0, 0, 0.05, 0.2]),
      names: namesOf(spec.topology)
    }),
    steps: stepsLike(spec.steps, random)
  }
}
