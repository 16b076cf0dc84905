/**
 * The streams-oracle area of `vectors`: asks Kafka's own test driver again what stream vectors say, to know that the oracle
 * that answers generated specs builds and runs them as those were. Needs Java 17 and mvn.
 */
import { isDeepStrictEqual } from "node:util"
import type { Report, Selected } from "../vectors.ts"
import { answers } from "./streams/oracle.ts"
import { type Outcome, Tally } from "./streams/report.ts"
import type { Spec } from "./streams/spec.ts"
import { specsOf } from "./streams/specs.ts"

/** Messages of exceptions are for the reader. */
const withoutMessages = (spec: Spec): unknown =>
  JSON.parse(JSON.stringify(spec), (name, value) => name === "message" ? undefined : value)

const compared = (given: Spec, answered: Spec): Outcome => {
  const [ours, theirs] = [withoutMessages(answered), withoutMessages(given)] as [Spec, Spec]
  const different = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
    .filter((field) => !isDeepStrictEqual(ours[field as keyof Spec], theirs[field as keyof Spec]))
  return different.length === 0
    ? { _tag: "Passed" }
    : { _tag: "Failed", why: `other answers: ${different.join(", ")}` }
}

/** Holds the oracle against the vectors of a directory. */
export const run = async (directory: string, { on: _, ...selection }: Selected): Promise<Report> => {
  const tally = new Tally()
  const given = [...specsOf<Spec>(directory, selection)]
  let at = 0
  for await (const answered of answers(given)) {
    const spec = given[at++]!
    tally.add(spec, compared(spec, answered))
  }
  return tally.report()
}
