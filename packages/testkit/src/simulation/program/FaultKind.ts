/**
 * The kinds of faults that a user's simulation allows: which of them a run has, and when, the seed decides.
 *
 * ```ts
 * faults: [Fault.crashBroker, Fault.crashApp.with({ downMaxMs: 2_000 }), Fault.slowDisk]
 * ```
 *
 * Keeps true: a kind is a value; what it generates is data (`Fault`), so that it can be shrunk, printed and replayed.
 * Leaves to others: letting faults happen (`Fault.Faults`, `CustomFaults`).
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as limits from "../../limits.ts"
import type * as Fault from "../Fault.ts"
import type { Crash } from "../Process.ts"
import type { Seeded } from "../Seeded.ts"

/**
 * A fault of the user's own, by its name.
 *
 * @since 0.1.0
 */
export interface CustomFault {
  readonly kind: "custom"
  readonly name: string
  readonly atMs: number
  readonly forMs: number
}

/**
 * A fault that happens in a run.
 *
 * @since 0.1.0
 */
export type AnyFault = Fault.Fault | CustomFault

/**
 * Where faults may happen: processes by name. Times are in milliseconds.
 *
 * @since 0.1.0
 */
export interface Targets {
  readonly broker: string
  readonly apps: ReadonlyArray<string>
  /** Those of them that have been given later versions, with their number. */
  readonly updates: ReadonlyMap<string, number>
  /** Simulated services of the user's own. */
  readonly services: ReadonlyArray<string>
  /** Who keeps something on the disk of its machine: the broker, services, and apps if they do. */
  readonly disks: ReadonlyArray<string>
  /** What sends records: it is cut off from the broker at times, and never ends. */
  readonly producers: ReadonlyArray<string>
  readonly untilMs: number
}

/**
 * How often a kind happens beside the others (1), and how long each time.
 *
 * @since 0.1.0
 */
export interface KindOptions {
  readonly weight: number
  readonly forMinMs: number
  readonly forMaxMs: number
}

/**
 * A kind of faults.
 *
 * @since 0.1.0
 */
export interface Kind {
  readonly name: string
  readonly options: KindOptions
  /** The same kind, happening more or less often, or for another time. */
  readonly with: (options: Partial<KindOptions>) => Kind
  /** A fault of this kind; undefined if there is nothing that it could happen to. */
  readonly generate: (random: Seeded, targets: Targets) => AnyFault | undefined
  /** What a kind of the user's own does. */
  readonly custom: Custom | undefined
}

/**
 * What a fault of the user's own does: both are done at once, and change what a simulated service looks at.
 *
 * @since 0.1.0
 */
export interface Custom {
  readonly inject: Effect.Effect<unknown>
  readonly heal: Effect.Effect<unknown>
}

type Generate = (
  random: Seeded,
  targets: Targets,
  time: { readonly atMs: number; readonly forMs: number }
) => AnyFault | undefined

const make = (name: string, options: KindOptions, generate: Generate, custom?: Custom): Kind => ({
  name,
  options,
  custom,
  with: (changed) => make(name, { ...options, ...changed }, generate, custom),
  generate: (random, targets) => {
    const atMs = random.below(targets.untilMs)
    return generate(random, targets, { atMs, forMs: random.skewed(options.forMinMs, options.forMaxMs) })
  }
})

/** What a fault may lead to comes a little later, in milliseconds. */
const afterMs = 1_000

const usual: KindOptions = { weight: 1, forMinMs: 20, forMaxMs: 8_000 }

const crashOf = (random: Seeded): Crash => random.chance(0.5) ? "power" : "kill"

const pick = <A>(random: Seeded, from: ReadonlyArray<A>): A | undefined =>
  from.length === 0 ? undefined : random.pick(from)

/**
 * The broker ends, killed or without power, and starts again.
 *
 * @since 0.1.0
 */
export const crashBroker: Kind = make("crashBroker", usual, (random, { broker }, { atMs, forMs }) => ({
  kind: "crash",
  process: broker,
  atMs,
  crash: crashOf(random),
  downMs: forMs
}))

/**
 * An instance of an app ends between two of its operations, killed or without power, and starts again.
 *
 * @since 0.1.0
 */
export const crashApp: Kind = make("crashApp", usual, (random, { apps }, { atMs, forMs }) => {
  const process = pick(random, apps)
  return process === undefined ? undefined : { kind: "crash", process, atMs, crash: crashOf(random), downMs: forMs }
})

/**
 * A simulated service of the user's own ends, and starts again.
 *
 * @since 0.1.0
 */
export const crashService: Kind = make("crashService", usual, (random, { services }, { atMs, forMs }) => {
  const process = pick(random, services)
  return process === undefined ? undefined : { kind: "crash", process, atMs, crash: crashOf(random), downMs: forMs }
})

/**
 * An instance of an app is asked to end in order, as in an update, and starts again.
 *
 * @since 0.1.0
 */
export const restartApp: Kind = make("restartApp", usual, (random, { apps }, { atMs }) => {
  const process = pick(random, apps)
  return process === undefined ? undefined : { kind: "stop", process, atMs }
})

/**
 * An instance of an app is updated: asked to end in order, and started as another of the versions that it was launched with,
 * or back as the first. Where there are several instances, some are old and some new for a while.
 *
 * @since 0.1.0
 */
export const updateApp: Kind = make("updateApp", usual, (random, { updates }, { atMs }) => {
  const update = pick(random, [...updates])
  if (update === undefined) return undefined
  const [process, versions] = update
  return { kind: "update", process, atMs, version: random.below(versions + 1) }
})

/**
 * A process does nothing for a while and does not know it, as in a long collection of garbage.
 *
 * @since 0.1.0
 */
export const pauseProcess: Kind = make(
  "pauseProcess",
  usual,
  (random, { apps, broker, services }, { atMs, forMs }) => ({
    kind: "pause",
    process: random.pick([broker, ...apps, ...services]),
    atMs,
    forMs
  })
)

/** Two processes that talk to each other. */
const linkOf = (
  random: Seeded,
  { apps, broker, producers, services }: Targets
): readonly [string, string] | undefined => {
  const isToService = services.length > 0 && apps.length > 0 && random.chance(0.3)
  const client = isToService ? random.pick(apps) : pick(random, [...apps, ...producers])
  if (client === undefined) return undefined
  return [client, isToService ? random.pick(services) : broker]
}

/**
 * Nothing arrives from one process at another, in one direction or both.
 *
 * @since 0.1.0
 */
export const partitionNetwork: Kind = make("partitionNetwork", usual, (random, targets, { atMs, forMs }) => {
  const link = linkOf(random, targets)
  if (link === undefined) return undefined
  const [process, other] = random.chance(0.5) ? link : [link[1], link[0]]
  return { kind: "partition", process, other, atMs, forMs, oneWay: random.chance(0.5) }
})

/**
 * All connections between two processes break; sometimes neither is told.
 *
 * @since 0.1.0
 */
export const resetConnections: Kind = make("resetConnections", usual, (random, targets, { atMs }) => {
  const link = linkOf(random, targets)
  if (link === undefined) return undefined
  return { kind: random.chance(0.3) ? "silence" : "reset", process: link[0], other: link[1], atMs }
})

/**
 * The broker, or a simulated service, takes no new connections for a while.
 *
 * @since 0.1.0
 */
export const refuseConnections: Kind = make(
  "refuseConnections",
  usual,
  (random, { broker, services }, { atMs, forMs }) => ({
    kind: "refuse",
    process: random.pick([broker, ...services]),
    atMs,
    forMs
  })
)

/**
 * The way between two processes is slow and loses much, for a while.
 *
 * @since 0.1.0
 */
export const degradeNetwork: Kind = make("degradeNetwork", usual, (random, targets, { atMs, forMs }) => {
  const link = linkOf(random, targets)
  if (link === undefined) return undefined
  const [process, other] = link
  return {
    kind: "badLink",
    process,
    other,
    atMs,
    forMs,
    factor: random.between(2, 50),
    loss: random.pick([0, 0.1, 0.4])
  }
})

/** Whose disk it is. */
const ownerOfDisk = (random: Seeded, { broker, disks }: Targets): string =>
  disks.length <= 1 ? broker : random.pick(disks)

/**
 * A disk is slow, or does not answer at all, for a while: as with all faults of disks, the broker's, that of a simulated
 * service, or that of an app which keeps something on it.
 *
 * @since 0.1.0
 */
export const slowDisk: Kind = make("slowDisk", usual, (random, targets, { atMs, forMs }) => {
  const process = ownerOfDisk(random, targets)
  return random.chance(0.3)
    ? { kind: "stallDisk", process, atMs, forMs }
    : { kind: "slowDisk", process, atMs, forMs, factor: random.between(3, 50) }
})

/**
 * A machine loses its power while something is being written to its disk: what was not synced is there, in part, or not.
 *
 * @since 0.1.0
 */
export const tornWrite: Kind = make("tornWrite", usual, (random, targets, { atMs, forMs }) => ({
  kind: "crashAtChange",
  process: ownerOfDisk(random, targets),
  atMs,
  change: random.skewed(0, 100),
  crash: "power",
  downMs: forMs
}))

/**
 * A disk fails to sync; what was to be synced may be lost at the next loss of power.
 *
 * @since 0.1.0
 */
export const failSync: Kind = make("failSync", usual, (random, targets, { atMs }) => ({
  kind: "failSync",
  process: ownerOfDisk(random, targets),
  atMs,
  count: random.between(1, 3)
}))

/**
 * A disk is full for a while.
 *
 * @since 0.1.0
 */
export const fullDisk: Kind = make("fullDisk", usual, (random, targets, { atMs, forMs }) => ({
  kind: "fullDisk",
  process: ownerOfDisk(random, targets),
  atMs,
  forMs,
  leftBytes: random.below(20_000)
}))

/**
 * The wall clock of a process jumps, by up to two minutes, or runs too fast or too slow for a while.
 *
 * @since 0.1.0
 */
export const skewClock: Kind = make("skewClock", usual, (random, { apps, broker, services }, { atMs, forMs }) => {
  const process = random.pick([broker, ...apps, ...services])
  return random.chance(0.3)
    ? { kind: "drift", process, atMs, forMs, rate: random.pick([0.5, 0.9, 1.1, 2]) }
    : { kind: "skew", process, atMs, byMs: random.between(-120_000, 120_000) }
})

/**
 * All kinds that Millrace brings. Bits that rot are not among them: of what one broker keeps once, little can be expected then.
 *
 * @since 0.1.0
 */
export const all: ReadonlyArray<Kind> = [
  crashBroker,
  crashApp,
  crashService,
  restartApp,
  updateApp,
  pauseProcess,
  partitionNetwork,
  resetConnections,
  refuseConnections,
  degradeNetwork,
  slowDisk,
  tornWrite,
  failSync,
  fullDisk,
  skewClock
]

/**
 * A kind of the user's own: `inject` makes it happen, `heal` ends it.
 *
 * ```ts
 * Fault.custom("the bank says no", Effect.sync(() => { bank.isClosed = true }), Effect.sync(() => { bank.isClosed = false }))
 * ```
 *
 * @since 0.1.0
 */
export const custom = (name: string, inject: Effect.Effect<unknown>, heal: Effect.Effect<unknown>): Kind =>
  make(name, usual, (_random, _targets, { atMs, forMs }) => ({ kind: "custom", name, atMs, forMs }), { inject, heal })

/** One of the kinds, as often as their weights say. */
const pickWeighted = (random: Seeded, kinds: ReadonlyArray<Kind>): Kind => {
  const total = kinds.reduce((sum, { options }) => sum + options.weight, 0)
  let left = random.nextDoubleUnsafe() * total
  return kinds.find(({ options }) => (left -= options.weight) < 0) ?? kinds[kinds.length - 1]!
}

/**
 * The faults of one run, in order of time; there may be none. Which kinds it has differs from run to run.
 *
 * @since 0.1.0
 */
export const generate = (random: Seeded, kinds: ReadonlyArray<Kind>, targets: Targets): ReadonlyArray<AnyFault> => {
  const chosen = kinds.filter(() => random.chance(0.6))
  const count = random.below(limits.faultsMax + 1)
  const faults: Array<AnyFault> = []
  if (chosen.length === 0) return faults
  for (let index = 0; index < count; index++) {
    const fault = pickWeighted(random, chosen).generate(random, targets)
    if (fault !== undefined) faults.push(fault)
  }
  return faults.sort((left, right) => left.atMs - right.atMs)
}

/**
 * When the last of them is over by itself, in milliseconds since the beginning; 0 without any.
 *
 * @since 0.1.0
 */
export const endMs = (faults: ReadonlyArray<AnyFault>): number =>
  faults.reduce((end, fault) => {
    const lastsMs = "forMs" in fault ? fault.forMs : "downMs" in fault ? fault.downMs : 0
    return Math.max(end, fault.atMs + lastsMs + afterMs)
  }, 0)
