/**
 * Measures of one thread: cases take turns, so that all of them see the same machine, and the medians of their rounds
 * are told, each of ours beside the best of the others.
 */
import { median, report } from "./report.ts"

/** One way to do something. */
export interface Case {
  /** What is done; cases that do the same are compared. */
  readonly what: string
  /** Who does it; `millrace` and what begins so are ours, `limit` is the raw loop over the same bytes. */
  readonly contender: string
  readonly unit: string
  /** How many units one call is worth. */
  readonly perCall: number
  /** What we want to reach, in units per second. */
  readonly target?: number
  /** May give a promise, which is awaited. */
  readonly run: () => unknown
}

/** How long is measured. */
export interface Options {
  readonly rounds: number
  readonly roundMs: number
}

const callsPerCheck = 8

/** One round: units per second. Addons free their memory between rounds. */
const round = async ({ perCall, run }: Case, roundMs: number): Promise<number> => {
  await new Promise((resolve) => setImmediate(resolve))
  const isAsync = run() instanceof Promise
  const start = performance.now()
  let calls = 0
  let elapsed = 0
  while (elapsed < roundMs) {
    for (let index = 0; index < callsPerCheck; index++) {
      if (isAsync) await run()
      else run()
    }
    calls += callsPerCheck
    elapsed = performance.now() - start
  }
  return calls * perCall / elapsed * 1000
}

/** Measures and reports every case. */
export const compare = async (bench: string, cases: ReadonlyArray<Case>, options: Options): Promise<void> => {
  const rates = cases.map((): Array<number> => [])
  for (let index = -1; index < options.rounds; index++) {
    for (const [place, case_] of cases.entries()) {
      const rate = await round(case_, options.roundMs)
      if (index >= 0) rates[place]!.push(rate)
    }
  }
  const medians = rates.map(median)
  for (const [place, { contender, target, unit, what }] of cases.entries()) {
    const rate = medians[place]!
    const isOurs = contender.startsWith("millrace")
    const isPeer = (other: Case): boolean =>
      other.what === what && !other.contender.startsWith("millrace") && other.contender !== "limit"
    const best = Math.max(...cases.map((other, at) => isPeer(other) ? medians[at]! : 0))
    report({
      bench,
      what,
      contender,
      "per s": Number(rate.toPrecision(4)),
      unit,
      "times best peer": isOurs && best > 0 ? Number((rate / best).toFixed(1)) : "",
      target: target ?? "",
      result: target === undefined ? "" : rate >= target ? "met" : "MISSED"
    })
  }
}
