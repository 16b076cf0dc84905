/**
 * What apps have to live with every day, more of it in some runs: they are killed and come back at once, or stand still for
 * a little longer than their session lasts, so that they go on as members who are none any more.
 *
 * Keeps true: these are faults like others, to be printed, left out and replayed.
 *
 * @since 0.1.0
 */
import type { Fault } from "../Fault.ts"
import type { Seeded } from "../Seeded.ts"

/** How many runs have it, and how much of it in a second. */
const share = 0.35
const faultsPerSecond = 0.8

/** In milliseconds: how long a process that was killed is down, and how long one stands still. */
const down = [50, 400] as const
const still = [2_050, 2_800] as const

/**
 * The faults for processes of these names, up to a time.
 *
 * @since 0.1.0
 */
export const generate = (random: Seeded, names: ReadonlyArray<string>, untilMs: number): ReadonlyArray<Fault> => {
  const processes = names.filter((name) => /^(app|copier|relay)-/.test(name))
  if (processes.length === 0 || !random.chance(share)) return []
  return Array.from({ length: Math.ceil(untilMs / 1000 * faultsPerSecond) }, (): Fault => {
    const process = random.pick(processes)
    const atMs = random.below(untilMs)
    return random.chance(0.6)
      ? { kind: "crash", process, atMs, crash: "kill", downMs: random.between(...down) }
      : { kind: "pause", process, atMs, forMs: random.between(...still) }
  })
}
