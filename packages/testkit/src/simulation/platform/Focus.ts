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
 * the same, of apps that stay members for longer than their transactions may take; positions of apps at least once.
 *
 * @since 0.1.0
 */
export type Name = "durability" | "decisions" | "positions" | "membership" | "state" | "patience" | "copies"

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
  weight: 18,
  leastMs: 3_500,
  cast: { ...nobody, records: 1, transactions: 0.4 },
  aims: [
    { process: broker, moments: [["writes", "events", "ledger"], ["syncs", "events", "ledger"]], harms: ["power"] },
    { process: broker, moments: [["has answered", "Produce", "Fetch"]], harms: ["power"] },
    { process: broker, moments: [["is asked", "Produce", "Produce", "OffsetCommit"]], harms: ["slowDisk", "failSync"] },
    { process: broker, moments: [["is asked", "Produce"]], harms: ["failSync"] }
  ]
}

/** A transaction is decided, written down, carried out. */
const decisions: Focus = {
  weight: 18,
  leastMs: 6_000,
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
  leastMs: 6_000,
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
  leastMs: 6_000,
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

/** An app loses its work, and no task: its transaction is aborted while it stands still, and it stays a member. */
const patience: Focus = {
  weight: 8,
  leastMs: 7_000,
  cast: { ...nobody, lines: 1 },
  aims: [{
    process: /^app-/,
    moments: [["asks", "Produce", "TxnOffsetCommit", "EndTxn"], ["hears", "Produce", "TxnOffsetCommit"]],
    harms: ["stall", "stall", "kill"]
  }]
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

const all: Readonly<Record<Name, Focus>> = { durability, decisions, positions, membership, state, patience, copies }

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

/**
 * A broker whose disk has failed loses its power soon, or starts again soon, and loses it late: when clients have found it
 * again and rely on what it has.
 */
const soon = [50, 500] as const
const late = [800, 2_500] as const

interface Draft {
  readonly random: Seeded
  readonly process: string
  readonly atMs: number
  readonly when: Moment
}

const crash = ({ atMs, process, random, when }: Draft, crash: "kill" | "power"): Fault => ({
  kind: "crash",
  process,
  atMs,
  crash,
  downMs: random.between(...down),
  when
})

/** A pause, so early that it may be over before the faults are: a process that was still has to go on among them. */
const stillness = ({ atMs, process, random, when }: Draft, [leastMs, mostMs]: readonly [number, number]): Fault => ({
  kind: "pause",
  process,
  atMs: Math.floor(atMs / 2),
  forMs: random.between(leastMs, mostMs),
  when
})

/** The fault itself, and what makes it worse. */
const harms: Readonly<Record<Harm, (draft: Draft) => ReadonlyArray<Fault>>> = {
  kill: (draft) => [crash(draft, "kill")],
  power: (draft) => [crash(draft, "power")],
  stop: ({ atMs, process, when }) => [{ kind: "stop", process, atMs, when }],
  zombie: (draft) => [stillness(draft, session)],
  stall: (draft) => [stillness(draft, transaction)],
  reset: ({ atMs, process, when }) => [{ kind: "reset", process, other: brokerName, atMs, when }],
  silence: ({ atMs, process, when }) => [{ kind: "silence", process, other: brokerName, atMs, when }],
  failSync: ({ process, random, when, ...draft }) => {
    // Early, so that all three come before the faults end.
    const atMs = Math.floor(draft.atMs / 2)
    const failSync: Fault = { kind: "failSync", process, atMs, count: 1, when }
    const then = (kind: "kill" | "power", [leastMs, mostMs]: readonly [number, number]): Fault =>
      crash({ process, random, atMs, when: { ...when, thenMs: random.between(leastMs, mostMs) } }, kind)
    return random.chance(0.4) ? [failSync, then("power", soon)] : [failSync, then("kill", soon), then("power", late)]
  },
  slowDisk: (draft) => {
    const { atMs, process, random, when } = draft
    const answered: Moment = { ...when, does: "has answered" }
    return [
      { kind: "slowDisk", process, atMs, forMs: 1_000, factor: random.pick([10, 50, 200]), when },
      crash({ ...draft, when: answered }, "power")
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
  // Some only: what one harm is about to show, another may hide.
  const first = random.pick(aims)
  const chosen = aims.filter((aim) => aim === first || random.chance(0.3))
  const faults: Array<Fault> = []
  let hasDiskFailed = false
  for (let left = Math.ceil(untilMs / 1000 * perSecond); left > 0; left--) {
    const { harms: possible, moments, processes } = random.pick(chosen)
    const [does, ...whats] = random.pick(moments)
    const when: Moment = { does, what: random.pick(whats), skip: random.skewed(0, skipMax) }
    const draft: Draft = { random, process: random.pick(processes), atMs: random.below(untilMs), when }
    const harm = random.pick(possible)
    // Once is enough: a broker whose disk fails again and again makes no promises.
    if (harm === "failSync" && hasDiskFailed) continue
    hasDiskFailed ||= harm === "failSync"
    faults.push(...harms[harm](draft))
  }
  return faults
}
