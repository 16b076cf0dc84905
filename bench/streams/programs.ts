/**
 * What the apps of `bench streams` are given, and what they must leave: the same for every contender.
 *
 * Words are as they are in a text: few are very frequent. Each program's sink is right if the last value of each of its keys
 * is; a join's also if it has as many records as there are pairs.
 */
import { Serde } from "@millrace/core"

/** A record of an input. */
export interface Given {
  readonly key: string | null
  readonly value: string
  readonly timestamp: number
}

/** A program: its inputs, and what its sink holds in the end. */
export interface Program {
  readonly name: string
  /** Records of each input topic. */
  readonly inputs: ReadonlyArray<() => Array<Given>>
  readonly value: Serde.Serde<number> | Serde.Serde<string>
  /** The last value of each key (of windows: the key alone, and the sum over its windows). */
  readonly expected: () => Map<string, string>
  /** How many records the sink holds, where that is known. */
  readonly sinkRecords?: number
}

const vocabularySize = 10_000

const vocabulary = Array.from({ length: vocabularySize }, (_, index) => {
  let word = ""
  for (let rest = index + 26; rest > 0; rest = Math.floor(rest / 26)) word += String.fromCharCode(97 + (rest % 26))
  return word
})

/** Numbers below `bound` that look like chance, the same in every run. */
const mixed = (at: number, bound: number): number =>
  Math.floor(bound * ((Math.imul(at + 1, 0x9e3779b1) >>> 0) / 2 ** 32))

const countOf = (keys: ReadonlyArray<string>): Map<string, string> => {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return new Map([...counts].map(([key, count]) => [key, String(count)]))
}

const wordsPerLine = 10
/** Milliseconds of stream time from one record to the next: a window of a minute holds 60 000 of them. */
const stepMs = 1

/** The programs, on `count` records, the first of them at `startMs`. */
export const programsOf = (count: number, startMs: number): ReadonlyArray<Program> => {
  const words = Array.from({ length: count }, (_, at) => {
    const skewed = vocabularySize * (mixed(at, 2 ** 32) / 2 ** 32) ** 3
    return vocabulary[Math.floor(skewed)]!
  })
  const uniform = (keys: number) => Array.from({ length: count }, (_, at) => `key-${mixed(at, keys)}`)
  const keyed = (keys: ReadonlyArray<string>, value: (at: number) => string = () => "x") => () =>
    keys.map((key, at): Given => ({ key, value: value(at), timestamp: startMs + at * stepMs }))
  const lines = () =>
    Array.from({ length: Math.ceil(count / wordsPerLine) }, (_, line): Given => ({
      key: null,
      value: words.slice(line * wordsPerLine, (line + 1) * wordsPerLine).join(" "),
      timestamp: startMs + line * stepMs
    }))
  const counting = (name: string, keys: () => ReadonlyArray<string>): Program => ({
    name,
    inputs: [() => keyed(keys())()],
    value: Serde.long,
    expected: () => countOf(keys())
  })
  const unique = Array.from({ length: Math.floor(count / 2) }, (_, at) => `key-${at}`)
  const paired = new Map(unique.map((key, at) => [key, `left-${at}+right-${at}`]))
  const joining = (name: string): Program => ({
    name,
    inputs: [keyed(unique, (at) => `left-${at}`), keyed(unique, (at) => `right-${at}`)],
    value: Serde.string,
    expected: () => paired
  })
  return [
    {
      name: "map",
      inputs: [keyed(words, (at) => `value-${at}`)],
      value: Serde.string,
      expected: () => new Map(words.map((word, at) => [word, `VALUE-${at}`])),
      sinkRecords: count
    },
    { ...counting("word-count", () => words), inputs: [lines] },
    counting("count-by-key", () => words),
    counting("count-by-key-on-disk", () => words),
    counting("count-10k-keys", () => uniform(10_000)),
    counting("count-1m-keys", () => uniform(1_000_000)),
    counting("windowed-count", () => words),
    { ...joining("stream-join"), sinkRecords: unique.length },
    { ...joining("stream-join-on-disk"), sinkRecords: unique.length },
    joining("table-join")
  ]
}
