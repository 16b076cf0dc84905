/**
 * Plans of faults, drawn from the seed.
 *
 * Keeps true: which kinds a run has, and how often, differs from run to run (swarm): some meet only crashes, some everything,
 * some nothing. A fault often comes close after another, while its effects last, or brings on others.
 * Leaves to others: what faults are (`Fault`).
 *
 * @since 0.1.0
 */
import type { Fault } from "./Fault.ts"
import type { Crash } from "./Process.ts"
import type { Seeded } from "./Seeded.ts"

/**
 * Where faults may happen.
 *
 * @since 0.1.0
 */
export interface Targets {
  readonly brokers: ReadonlyArray<string>
  readonly clients: ReadonlyArray<string>
  /** The safety phase ends here. */
  readonly untilMs: number
  /** The most faults. */
  readonly countMax: number
}

/** Who and when: what every kind of fault is made from. */
interface Draft {
  readonly random: Seeded
  readonly broker: string
  readonly client: string
  readonly anyone: string
  readonly atMs: number
}

const forMs = ({ random }: Draft): number => random.skewed(50, 20_000)
const downMs = ({ random }: Draft): number => random.skewed(10, 15_000)
const crash = ({ random }: Draft): Crash => random.chance(0.6) ? "power" : "kill"

type Make = (draft: Draft) => Fault

/** How each kind is drawn. Their order is part of what a seed means. */
const makers: ReadonlyArray<Make> = [
  (draft) => ({ kind: "crash", process: draft.anyone, atMs: draft.atMs, crash: crash(draft), downMs: downMs(draft) }),
  (draft) => {
    const { atMs, broker, random } = draft
    const change = random.skewed(0, 300)
    return { kind: "crashAtChange", process: broker, atMs, change, crash: crash(draft), downMs: downMs(draft) }
  },
  ({ anyone, atMs }) => ({ kind: "stop", process: anyone, atMs }),
  ({ anyone, atMs, random }) => ({ kind: "update", process: anyone, atMs, version: random.below(4) }),
  (draft) => ({ kind: "pause", process: draft.anyone, atMs: draft.atMs, forMs: forMs(draft) }),
  ({ atMs, broker, client }) => ({ kind: "reset", process: client, other: broker, atMs }),
  ({ atMs, broker, client }) => ({ kind: "silence", process: client, other: broker, atMs }),
  (draft) => ({ kind: "refuse", process: draft.broker, atMs: draft.atMs, forMs: forMs(draft) }),
  (draft) => {
    const { atMs, broker, client, random } = draft
    const [process, other] = random.chance(0.5) ? [client, broker] : [broker, client]
    return { kind: "partition", process, other, atMs, forMs: forMs(draft), oneWay: random.chance(0.5) }
  },
  (draft) => {
    const { atMs, broker, client, random } = draft
    const [factor, loss] = [random.pick([1, 10, 100]), random.pick([0, 0.05, 0.3])]
    return { kind: "badLink", process: client, other: broker, atMs, forMs: forMs(draft), factor, loss }
  },
  (draft) => {
    const { atMs, broker, random } = draft
    return { kind: "slowDisk", process: broker, atMs, forMs: forMs(draft), factor: random.between(3, 50) }
  },
  (draft) => ({ kind: "stallDisk", process: draft.broker, atMs: draft.atMs, forMs: forMs(draft) }),
  (draft) => {
    const { atMs, broker, random } = draft
    return { kind: "fullDisk", process: broker, atMs, forMs: forMs(draft), leftBytes: random.below(20_000) }
  },
  ({ atMs, broker, random }) => ({ kind: "failSync", process: broker, atMs, count: random.between(1, 3) }),
  ({ anyone, atMs, random }) => ({ kind: "skew", process: anyone, atMs, byMs: random.between(-60_000, 60_000) }),
  (draft) => {
    const { anyone, atMs, random } = draft
    return {
      kind: "drift",
      process: anyone,
      atMs,
      forMs: forMs(draft),
      rate: random.pick([0.5, 0.9, 0.99, 1.01, 1.1, 2])
    }
  }
]

/** After how many of them a broker with a bad disk loses its power: what it has promised wrongly shows only then. */
const powerShare = 0.6

/** What comes of a fault: after a failed sync the broker is often started again before its machine loses its power. */
const aftermathOf = (random: Seeded, { atMs, kind, process }: Fault): ReadonlyArray<Fault> => {
  if ((kind !== "failSync" && kind !== "slowDisk") || !random.chance(powerShare)) return []
  const crashes: ReadonlyArray<Crash> = kind === "failSync" && random.chance(0.5) ? ["kill", "power"] : ["power"]
  let laterMs = atMs
  return crashes.map((crash) => {
    laterMs += random.between(200, 1_500)
    return { kind: "crash", process, atMs: laterMs, crash, downMs: random.between(10, 200) }
  })
}

const rot: Make = ({ atMs, broker, random }) => {
  const [file, position, bit] = [random.below(1_000_000), random.below(1_000_000), random.below(8)]
  return { kind: "rot", process: broker, atMs, file, position, bit }
}

/** How many runs have rot in them: few, as little can be expected of such a run. */
const rotShare = 0.04

/** How often a kind may be in a run: many are not there at all. */
const weights = [0, 0, 1, 1, 4] as const

/** How many runs have a single kind. */
const singleShare = 0.15

const chooseMakers = (random: Seeded): ReadonlyArray<Make> => {
  if (random.chance(rotShare)) return [rot, rot, random.pick(makers), random.pick(makers)]
  if (random.chance(singleShare)) return [random.pick(makers)]
  return makers.flatMap((make) => Array.from<Make>({ length: random.pick(weights) }).fill(make))
}

/** How many faults come close after another, and within which time. */
const closeShare = 0.3
const closeMs = 1_500

/**
 * Draws a plan, in order of time; it may be empty.
 *
 * @since 0.1.0
 */
export const generate = (random: Seeded, { brokers, clients, countMax, untilMs }: Targets): ReadonlyArray<Fault> => {
  const chosen = chooseMakers(random)
  const count = chosen.length === 0 ? 0 : random.below(countMax + 1)
  const faults: Array<Fault> = []
  let beforeMs = 0
  while (faults.length < count) {
    const broker = random.pick(brokers)
    const client = random.pick(clients)
    const anyone = random.chance(0.5) ? broker : client
    const isClose = faults.length > 0 && random.chance(closeShare)
    const atMs = isClose ? Math.min(untilMs - 1, beforeMs + random.below(closeMs)) : random.below(untilMs)
    beforeMs = atMs
    const fault = random.pick(chosen)({ random, broker, client, anyone, atMs })
    faults.push(fault, ...aftermathOf(random, fault).filter(({ atMs }) => atMs < untilMs))
  }
  return faults.slice(0, count).sort((left, right) => left.atMs - right.atMs)
}
