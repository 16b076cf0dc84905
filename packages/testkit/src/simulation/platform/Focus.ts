/**
 * What a run looks at closely: one promise, the few who depend on it, and faults at the moments in which it is hard to keep.
 *
 * Keeps true: most runs have a focus, and a few faults of any kind besides; the others have everybody, and faults at any
 * time, so that what nobody thought of is met too. What a focus brings are faults like others, to be printed and replayed.
 * Leaves to others: the size of a run (`Size`), faults at any time (`FaultPlan`).
 *
 * @since 0.1.0
 */
import type { Fault } from "../Fault.ts"
import type { Act, Moment } from "../Moments.ts"
import type { Seeded } from "../Seeded.ts"
import { brokerName } from "../World.ts"

/**
 * The names: what of records is durable; how transactions end; where groups are; who is a member; state of apps exactly once;
 * positions of apps at least once.
 *
 * @since 0.1.0
 */
export type Name = "durability" | "decisions" | "positions" | "membership" | "state" | "copies"

/**
 * Who takes part: how many runs have each, from 0 to 1.
 *
 * @since 0.1.0
 */
export interface Cast {
  readonly records: number
  readonly transactions: number
  readonly travellers: number
  readonly lines: number
  readonly copiers: number
}

/** What happens to a process, in short: see `harms`. */
type Harm = "kill" | "power" | "stop" | "zombie" | "stall" | "reset" | "silence" | "failSync" | "slowDisk"

/** Processes, moments in what they do, and what may happen to them then. */
interface Aim {
  readonly process: RegExp
  readonly moments: ReadonlyArray<readonly [does: Act, ...what: ReadonlyArray<string>]>
  readonly harms: ReadonlyArray<Harm>
}

interface Focus {
  readonly weight: number
  readonly leastMs: number
  readonly cast: Cast
  readonly aims: ReadonlyArray<Aim>
}

const broker = /^broker$/
const nobody: Cast = { records: 0, transactions: 0, travellers: 0, lines: 0, copiers: 0 }

/** What becomes durable at the broker, and is told of. */
const durability: Focus = {
  weight: 16,
  leastMs: 2_000,
  cast: { ...nobody, records: 1, transactions: 0.4 },
  aims: [
    { process: broker, moments: [["writes", "events", "ledger"], ["syncs", "events", "ledger"]], harms: ["power"] },
    { process: broker, moments: [["has answered", "Produce", "Fetch"]], harms: ["power"] },
    { process: broker, moments: [["is asked", "Produce", "Produce", "OffsetCommit"]], harms: ["slowDisk"] },
    { process: broker, moments: [["writes", "events", "ledger", "__consumer_offsets"]], harms: ["failSync"] }
  ]
}

/** A transaction is decided, written down, carried out. */
const decisions: Focus = {
  weight: 18,
  leastMs: 5_000,
  cast: { ...nobody, transactions: 1, travellers: 0.3 },
  aims: [
    {
      process: broker,
      moments: [["writes", "__transaction_state", "ledger"], ["syncs", "__transaction_state", "ledger"]],
      harms: ["kill", "power"]
    },
    {
      process: broker,
      moments: [["has answered", "EndTxn", "InitProducerId", "AddPartitionsToTxn", "Produce"]],
      harms: ["power", "power", "kill"]
    },
    { process: broker, moments: [["is asked", "EndTxn", "EndTxn", "AddPartitionsToTxn"]], harms: ["slowDisk"] },
    { process: broker, moments: [["writes", "ledger"], ["has answered", "Produce"]], harms: ["stop"] },
    {
      process: /^(transactor|relay)-/,
      moments: [["asks", "EndTxn", "Produce"], ["hears", "EndTxn", "Produce", "InitProducerId"]],
      harms: ["kill", "zombie", "stall", "reset", "silence"]
    }
  ]
}

/** A group writes down where it is and who belongs to it. */
const positions: Focus = {
  weight: 10,
  leastMs: 2_000,
  cast: { ...nobody, records: 0.7, travellers: 0.7, copiers: 0.3 },
  aims: [
    {
      process: broker,
      moments: [["writes", "__consumer_offsets"], ["syncs", "__consumer_offsets"]],
      harms: ["kill", "power"]
    },
    {
      process: broker,
      moments: [["has answered", "OffsetCommit", "TxnOffsetCommit", "JoinGroup", "SyncGroup", "EndTxn"]],
      harms: ["kill", "power"]
    },
    { process: /^(consumer|relay|copier)-/, moments: [["hears", "JoinGroup", "SyncGroup"]], harms: ["kill"] }
  ]
}

/** Members come and go, and some do not know that they are gone. */
const membership: Focus = {
  weight: 14,
  leastMs: 4_000,
  cast: { ...nobody, records: 0.3, travellers: 0.8, lines: 0.4, copiers: 0.2 },
  aims: [
    {
      process: /^(consumer|relay|app|copier)-/,
      moments: [["asks", "Produce", "OffsetCommit", "TxnOffsetCommit", "EndTxn"], ["hears", "SyncGroup", "Produce"]],
      harms: ["zombie", "zombie", "kill", "stop"]
    }
  ]
}

/** State of apps is written, committed, lost, restored and handed over. */
const state: Focus = {
  weight: 17,
  leastMs: 3_500,
  cast: { ...nobody, lines: 1 },
  aims: [
    {
      process: /^app-/,
      moments: [
        ["asks", "Produce", "TxnOffsetCommit", "EndTxn"],
        ["hears", "Produce", "TxnOffsetCommit", "EndTxn", "SyncGroup"]
      ],
      harms: ["kill", "power", "stop", "zombie"]
    },
    { process: /^app-/, moments: [["asks", "EndTxn", "ListOffsets"]], harms: ["kill", "stop"] }
  ]
}

/** Results and positions are written one after the other. */
const copies: Focus = {
  weight: 10,
  leastMs: 2_000,
  cast: { ...nobody, records: 1, copiers: 1 },
  aims: [
    {
      process: /^copier-/,
      moments: [["asks", "OffsetCommit", "Produce"], ["hears", "OffsetCommit", "Produce", "SyncGroup"]],
      harms: ["kill", "kill", "power", "stop", "zombie"]
    }
  ]
}

const all: Readonly<Record<Name, Focus>> = { durability, decisions, positions, membership, state, copies }

/** How often there is none. */
const noneWeight = 30

/**
 * Draws the focus of a run; undefined if it has none.
 *
 * @since 0.1.0
 */
export const draw = (random: Seeded): Name | undefined => {
  const names = Object.keys(all) as ReadonlyArray<Name>
  let left = random.below(names.reduce((sum, name) => sum + all[name].weight, noneWeight))
  for (const name of names) {
    left -= all[name].weight
    if (left < 0) return name
  }
  return undefined
}

/**
 * Who takes part in a run with this focus.
 *
 * @since 0.1.0
 */
export const castOf = (name: Name): Cast => all[name].cast

/**
 * The least time for faults of a run with this focus, in milliseconds: who stands still is to go on in it.
 *
 * @since 0.1.0
 */
export const leastMsOf = (name: Name): number => all[name].leastMs

/** Times in milliseconds: a short way down, a little more than a session, a little more than a transaction may take. */
const down = [10, 400] as const
const session = [2_050, 2_800] as const
const transaction = [3_050, 5_500] as const

/** After so long a broker whose disk has failed starts again, or not; then its machine loses its power. */
const after = [100, 800] as const

interface Draft {
  readonly random: Seeded
  readonly process: string
  readonly atMs: number
  readonly when: Moment
}

const crash = ({ atMs, process, random }: Draft, crash: "kill" | "power"): Fault => ({
  kind: "crash",
  process,
  atMs,
  crash,
  downMs: random.between(...down)
})

/** A pause, so early that it may be over before the faults are: a process that was still has to go on among them. */
const stillness = ({ atMs, process, random, when }: Draft, [leastMs, mostMs]: readonly [number, number]): Fault => ({
  kind: "pause",
  process,
  atMs: Math.floor(atMs / 3),
  forMs: random.between(leastMs, mostMs),
  when
})

/** The fault itself, and what makes it worse. */
const harms: Readonly<Record<Harm, (draft: Draft) => ReadonlyArray<Fault>>> = {
  kill: (draft) => [{ ...crash(draft, "kill"), when: draft.when }],
  power: (draft) => [{ ...crash(draft, "power"), when: draft.when }],
  stop: ({ atMs, process, when }) => [{ kind: "stop", process, atMs, when }],
  zombie: (draft) => [stillness(draft, session)],
  stall: (draft) => [stillness(draft, transaction)],
  reset: ({ atMs, process, when }) => [{ kind: "reset", process, other: brokerName, atMs, when }],
  silence: ({ atMs, process, when }) => [{ kind: "silence", process, other: brokerName, atMs, when }],
  failSync: (draft) => {
    const { atMs, process, random, when } = draft
    const killedMs = atMs + random.between(...after)
    const powerless = crash({ ...draft, atMs: killedMs + random.between(...after) }, "power")
    const killed = random.chance(0.6) ? [crash({ ...draft, atMs: killedMs }, "kill")] : []
    return [{ kind: "failSync", process, atMs, count: random.between(1, 3), when }, ...killed, powerless]
  },
  slowDisk: (draft) => {
    const { atMs, process, random, when } = draft
    const answered: Moment = { ...when, does: "has answered" }
    return [
      { kind: "slowDisk", process, atMs, forMs: 1_000, factor: random.pick([10, 50, 200]), when },
      { ...crash(draft, "power"), when: answered }
    ]
  }
}

/** How many aimed faults there are in a second, and how many moments of a kind are let pass at most. */
const perSecond = 1.2
const skipMax = 12

/**
 * The faults of a run with this focus, for processes of these names, up to a time.
 *
 * @since 0.1.0
 */
export const generate = (
  random: Seeded,
  name: Name,
  names: ReadonlyArray<string>,
  untilMs: number
): ReadonlyArray<Fault> => {
  const processes = [brokerName, ...names]
  const aims = all[name].aims.flatMap((aim) => {
    const aimed = processes.filter((process) => aim.process.test(process))
    return aimed.length === 0 ? [] : [{ ...aim, processes: aimed }]
  })
  if (aims.length === 0) return []
  return Array.from({ length: Math.ceil(untilMs / 1000 * perSecond) }, () => {
    const { harms: possible, moments, processes } = random.pick(aims)
    const [does, ...whats] = random.pick(moments)
    const when: Moment = { does, what: random.pick(whats), skip: random.skewed(0, skipMax) }
    const draft: Draft = { random, process: random.pick(processes), atMs: random.below(untilMs), when }
    return harms[random.pick(possible)](draft).filter(({ atMs }) => atMs < untilMs)
  }).flat()
}
