/**
 * Questions and answers, for tests.
 */
import * as Position from "@millrace/client/streams/Position"
import type { Answer, Question } from "@millrace/client/streams/runtime/queries/LocalAnswers"

/** A question about a key. */
export const question: Question = {
  store: "counts",
  partition: 2,
  query: { kind: "get", key: Uint8Array.of(1, 2), keyTo: null, from: -5, to: 9, isReverse: false },
  after: undefined,
  bound: Position.of({ topic: "words", partition: 2, offset: 40 }),
  waitMs: 100,
  lagMax: -1,
  page: { entriesMax: 10, bytesMax: 1000 }
}

/** An answer with an entry. */
export const answer: Answer = {
  entries: [{ key: Uint8Array.of(1, 2), value: Uint8Array.of(7), timestamp: 5, start: 0, end: 0 }],
  isLast: true,
  isActive: true,
  position: Position.of({ topic: "words", partition: 2, offset: 41 })
}

/** A frame without its length. */
export const frameOf = (chunks: ReadonlyArray<Uint8Array>): Uint8Array =>
  Uint8Array.from(chunks.flatMap((chunk) => [...chunk])).subarray(4)
