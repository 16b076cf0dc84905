/**
 * The streams-live area of `vectors`: applications that ran on Kafka Streams and Apache Kafka, run by us, on the broker that
 * `--on` names: `embedded` (default: a fresh one of ours for each), `simulation` (the same in a simulation without faults),
 * or the address of a broker that is up, whose topics are then deleted.
 *
 * Each vector is a topology, its input, and what a real application left on the broker; ours must leave the same.
 */
import type { Report, Selected } from "../vectors.ts"
import { runLive } from "./live/run.ts"
import type { LiveSpec } from "./live/spec.ts"
import * as Target from "./live/target.ts"
import { Tally } from "./streams/report.ts"
import { specsOf } from "./streams/specs.ts"

/** Runs the vectors of a directory. */
export const run = async (directory: string, { on = "embedded", ...selection }: Selected): Promise<Report> => {
  const target = Target.named(on)
  if (target === undefined) throw new Error(`--on takes embedded, simulation or HOST:PORT, not ${on}`)
  const tally = new Tally()
  for (const spec of specsOf<LiveSpec>(directory, selection)) tally.add(spec, await runLive(spec, target))
  return tally.report()
}
