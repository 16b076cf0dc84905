/**
 * The queries of Nexmark by name, for those that run all of them: what each reads, writes and should answer.
 */
import type { Topic, Topology } from "@millrace/core"
import type { Event } from "./model.ts"
import * as Q0 from "./q0.ts"
import * as Q1 from "./q1.ts"
import * as Q2 from "./q2.ts"
import * as Q3 from "./q3.ts"
import * as Q4 from "./q4.ts"
import * as Q5 from "./q5.ts"
import * as Q6 from "./q6.ts"
import * as Q7 from "./q7.ts"
import * as Q8 from "./q8.ts"
import * as Reference from "./reference.ts"

/** A query, and what it should answer. */
export interface Query {
  readonly name: string
  readonly topology: Topology.Topology
  readonly reads: ReadonlyArray<Event["_tag"]>
  readonly results: Topic.Any
  /** Whether its results are records, each for itself, or the changes of a table. */
  readonly answers: "records" | "table"
  /** The length of its windows, if their answers, under their starts, are told when they close. */
  readonly closingWindowMs?: number
  readonly expected: (events: ReadonlyArray<Event>) => ReadonlyArray<Answer>
}

/** An entry of a query's results. */
export type Answer = readonly [key: number, value: unknown]

const records = { reads: ["Bid"], answers: "records" } as const
const table = { answers: "table" } as const

export const queries: ReadonlyArray<Query> = [
  { ...Q0, ...records, name: "q0", expected: Reference.q0 },
  { ...Q1, ...records, name: "q1", expected: Reference.q1 },
  { ...Q2, ...records, name: "q2", expected: Reference.q2 },
  { ...Q3, ...table, name: "q3", reads: ["Person", "Auction"], expected: Reference.q3 },
  { ...Q4, ...table, name: "q4", reads: ["Auction", "Bid"], expected: Reference.q4 },
  { ...Q5, ...table, name: "q5", reads: ["Bid"], expected: Reference.q5 },
  { ...Q6, ...table, name: "q6", reads: ["Auction", "Bid"], expected: Reference.q6 },
  { ...Q7, ...table, name: "q7", reads: ["Bid"], closingWindowMs: 10_000, expected: Reference.q7 },
  { ...Q8, ...table, name: "q8", reads: ["Person", "Auction"], expected: Reference.q8 }
]

/** Those answers that are final once stream time is `timeMs` everywhere: of windows told when they close, the closed ones. */
export const finalOf = (
  { closingWindowMs = 0 }: Query,
  answers: Iterable<Answer>,
  timeMs: number
): ReadonlyArray<Answer> =>
  closingWindowMs === 0 ? [...answers] : [...answers].filter(([start]) => start + closingWindowMs <= timeMs)
