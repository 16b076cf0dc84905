/** The functions that composed topologies take. */
import type { Erased } from "@millrace/core/serde/Erased"

const textFunctions: ReadonlyArray<Erased> = [
  "identity",
  "upper",
  "lower",
  { fn: "concat", with: "!" },
  { fn: "prefix", with: "<" },
  { fn: "truncate", n: 2 },
  { fn: "nullIfContains", s: "x" },
  { fn: "nullIfLengthGt", n: 3 },
  { fn: "nullTo", v: "none" },
  { fn: "constStr", v: "k" },
  { fn: "keyValue", sep: "~", withKey: true },
  { fn: "keyValue", sep: "~" },
  { fn: "chain", fns: ["upper", { fn: "concat", with: "?" }] }
]

const predicates: ReadonlyArray<Erased> = [
  "always",
  "never",
  "keyNotNull",
  "valueNotNull",
  { fn: "keyIn", keys: ["a", "b"] },
  { fn: "valueLengthGt", n: 1 },
  { fn: "valueContains", s: "x" },
  { fn: "not", of: { fn: "valueContains", s: "y" } }
]

const keyFunctions: ReadonlyArray<Erased> = [
  "keyIdentity",
  "valueStr",
  { fn: "constKey", v: "a" },
  { fn: "valuePrefix", n: 1 },
  { fn: "keyPrefix", n: 1 },
  { fn: "keyConcat", with: "1" },
  { fn: "charMod", n: 2 },
  { fn: "valueCharMod", n: 3 },
  { fn: "nullIfValueContains", s: "z" },
  "nullKey"
]

const joiners: ReadonlyArray<Erased> = [
  "concatBoth",
  { fn: "keyConcatBoth", withKey: true },
  "left",
  "right",
  { fn: "nullIfContains", s: "null" },
  "nullJoin"
]

const aggregators: ReadonlyArray<Erased> = [
  "concat",
  "concatKV",
  { fn: "tag", with: "+" },
  "last",
  { fn: "concatOrNull", on: "x" }
]

/** Functions that throw at a value; what becomes of its record is for the handler to say. */
const throwing = {
  text: { fn: "throwIf", value: "foo" },
  predicate: { fn: "throwIfValue", value: "abc" },
  key: { fn: "throwIfValue", value: "yyy" },
  joiner: { fn: "throwIfRight", value: "xx" },
  aggregator: { fn: "throwOn", value: "hello" }
} as const

/** What a topology chooses its functions from. */
export interface Functions {
  readonly isThrowing: boolean
  readonly texts: ReadonlyArray<Erased>
  readonly predicates: ReadonlyArray<Erased>
  readonly keys: ReadonlyArray<Erased>
  readonly joiners: ReadonlyArray<Erased>
  readonly aggregators: ReadonlyArray<Erased>
}

/** The functions of a topology, of which some throw if `throws`. */
export const functionsOf = (throws: boolean): Functions => {
  const also = (functions: ReadonlyArray<Erased>, one: Erased) =>
    throws ? [...functions, one, one, one, one] : functions
  return {
    isThrowing: throws,
    texts: also(textFunctions, throwing.text),
    predicates: also(predicates, throwing.predicate),
    keys: also(keyFunctions, throwing.key),
    joiners: also(joiners, throwing.joiner),
    aggregators: also(aggregators, throwing.aggregator)
  }
}
