/**
 * The functions that specs name: `"upper"`, or `{ "fn": "prefix", "with": "x" }`.
 */
import type { Erased } from "@millrace/core/serde/Erased"

/** A function as a spec writes it. */
export type Named = string | { readonly fn: string; readonly [argument: string]: Erased }

type Arguments = { readonly [argument: string]: Erased }

const parts = (named: Named): readonly [string, Arguments] =>
  typeof named === "string" ? [named, {}] : [named.fn, named]

const lookup = <F>(kind: string, table: { readonly [name: string]: F }, name: string): F => {
  const found = table[name]
  if (found === undefined) throw new Error(`no ${kind} function called ${name}`)
  return found
}

/** Text of any value, as specs have it. */
export const str = (value: Erased): string => {
  if (value === null || value === undefined) return "null"
  if (typeof value === "object" && "start" in value) {
    return `${str(value.key)}@${value.start}..${value.end === Infinity ? "9223372036854775807" : value.end}`
  }
  return String(value)
}

const charSum = (text: string): number => {
  let sum = 0
  for (let index = 0; index < text.length; index++) sum += text.charCodeAt(index)
  return sum
}

const floorMod = (value: number | bigint, by: number): number =>
  Number(((BigInt(value) % BigInt(by)) + BigInt(by)) % BigInt(by))

/** The arithmetic of 64-bit integers, which are bigints beyond 2^53; null is none. */
const long = (value: bigint): number | bigint => {
  const wrapped = BigInt.asIntN(64, value)
  return Number.isSafeInteger(Number(wrapped)) ? Number(wrapped) : wrapped
}

const sum = (a: Erased, b: Erased) => long(BigInt(a) + BigInt(b))

const product = (a: Erased, b: Erased) => long(BigInt(a) * BigInt(b))

const words = (text: string): ReadonlyArray<string> => text.split(" ").filter((word) => word !== "")

/** What the functions of specs throw. */
export class IllegalState extends Error {
  override readonly name = "java.lang.IllegalStateException"
}

/** Throws if the value is the one that is refused. */
export const throwIfEqual = (value: Erased, { value: refused }: Arguments): void => {
  if (value === refused) throw new IllegalState(`boom ${str(value)}`)
}

type ValueFunction = (argument: Arguments) => (value: Erased, key: Erased) => Erased

const orNull = (f: (value: Erased, argument: Arguments) => Erased): ValueFunction => (argument) => (value) =>
  value === null ? null : f(value, argument)

const valueFunctions: { readonly [name: string]: ValueFunction } = {
  identity: () => (value) => value,
  upper: orNull((value) => value.toUpperCase()),
  lower: orNull((value) => value.toLowerCase()),
  length: orNull((value) => value.length),
  charSum: orNull(charSum),
  concat: orNull((value, argument) => value + argument.with),
  prefix: orNull((value, argument) => argument.with + value),
  toStr: orNull(str),
  parseLong: orNull(Number),
  addLong: orNull((value, { n }) => sum(value, n)),
  mulLong: orNull((value, { n }) => product(value, n)),
  modLong: orNull((value, { n }) => floorMod(value, n)),
  toDouble: orNull((value) => Number(value) / 4),
  toInt: orNull((value) => Number(BigInt.asIntN(32, BigInt(value)))),
  nullIfLengthGt: orNull((value, { n }) => value.length > n ? null : value),
  nullIfOdd: orNull((value) => BigInt(value) % 2n === 0n ? value : null),
  nullIfContains: orNull((value, { s }) => value.includes(s) ? null : value),
  truncate: orNull((value, { n }) => value.slice(0, n)),
  listOf: orNull(words),
  constNull: () => () => null,
  constStr: ({ v }) => () => v,
  nullTo: ({ v }) => (value) => value === null ? v : value,
  keyValue: ({ sep, withKey }) => (value, key) => str(withKey === true ? key : null) + sep + str(value),
  throwIf: (argument) => (value) => {
    throwIfEqual(value, argument)
    return value
  },
  chain: ({ fns }) => {
    const steps = (fns as ReadonlyArray<Named>).map(valueFunction)
    return (value, key) => steps.reduce((result, step) => step(result, key), value)
  }
}

/** `(value, key) → value`. */
export const valueFunction = (named: Named): (value: Erased, key: Erased) => Erased => {
  const [name, argument] = parts(named)
  return lookup("value", valueFunctions, name)(argument)
}

const keyFunctions: { readonly [name: string]: (argument: Arguments) => (key: Erased, value: Erased) => Erased } = {
  keyIdentity: () => (key) => key,
  value: () => (_key, value) => value,
  valueStr: () => (_key, value) => value === null ? null : str(value),
  constKey: ({ v }) => () => v,
  nullKey: () => () => null,
  valuePrefix: ({ n }) => (_key, value) => value === null ? null : value.slice(0, n),
  keyPrefix: ({ n }) => (key) => key === null ? null : key.slice(0, n),
  keyConcat: (argument) => (key) => key === null ? null : key + argument.with,
  charMod: ({ n }) => (key) => key === null ? null : `g${floorMod(charSum(key), n)}`,
  valueCharMod: ({ n }) => (_key, value) => value === null ? null : `g${floorMod(charSum(value), n)}`,
  valueMod: ({ n }) => (_key, value) => value === null ? null : `m${floorMod(value, n)}`,
  windowToString: () => (key) => str(key),
  windowKey: () => (key) => key.key,
  nullIfValueContains: ({ s }) => (key, value) => value !== null && value.includes(s) ? null : key,
  throwIfValue: (argument) => (key, value) => {
    throwIfEqual(value, argument)
    return key
  }
}

/** `(key, value) → key`. */
export const keyFunction = (named: Named): (key: Erased, value: Erased) => Erased => {
  const [name, argument] = parts(named)
  return lookup("key", keyFunctions, name)(argument)
}

/** `(key, value) → [key, value]`. */
export const pairFunction = (named: Named): (key: Erased, value: Erased) => readonly [Erased, Erased] => {
  const [name, argument] = parts(named)
  if (name === "swap") return (key, value) => [value, key]
  if (name !== "kv") throw new Error(`no pair function called ${name}`)
  const newKey = argument.key === undefined ? (key: Erased) => key : keyFunction(argument.key)
  const newValue = argument.value === undefined ? (value: Erased) => value : valueFunction(withKey(argument.value))
  return (key, value) => [newKey(key, value), newValue(value, key)]
}

const withKey = (named: Named): Named =>
  typeof named === "string" ? { fn: named, withKey: true } : { ...named, withKey: true }

/** `(value, key) → values`. */
export const valuesFunction = (named: Named): (value: Erased, key: Erased) => ReadonlyArray<Erased> => {
  const [name, argument] = parts(named)
  switch (name) {
    case "splitWords":
      return (value) => value === null ? [] : words(value)
    case "repeat":
      return (value) => Array.from({ length: argument.n }, (_, index) => `${str(value)}#${index}`)
    case "none":
      return () => []
    case "same":
      return (value) => [value]
  }
  throw new Error(`no values function called ${name}`)
}

/** `(key, value) → [key, value]s`. */
export const pairsFunction = (
  named: Named
): (key: Erased, value: Erased) => ReadonlyArray<readonly [Erased, Erased]> => {
  const [name] = parts(named)
  if (name === "wordsAsKeys") return (key, value) => value === null ? [] : words(value).map((word) => [word, key])
  if (name === "bothWays") return (key, value) => [[key, value], [value, key]]
  const values = valuesFunction(named)
  return (key, value) => values(value, key).map((each) => [key, each])
}

/** `record → topic`. */
export const topicFunction = (name: string): (record: Erased) => string => {
  switch (name) {
    case "byKey":
      return ({ key }) => `out-${str(key)}`
    case "byValuePrefix":
      return ({ value }) => `out-${value === null || value === "" ? "null" : str(value).slice(0, 1)}`
    case "bySource":
      // in a punctuation there is no topic, which Kafka shows as null
      return ({ source }) => `from-${source.topic === "" ? null : source.topic}-${source.offset % 2}`
    case "byHeader":
      return ({ headers }) => {
        const last = headers.findLast((header: Erased) => header.key === "to")
        return last === undefined ? "out-none" : Buffer.from(last.value).toString("utf8")
      }
  }
  throw new Error(`no topic function called ${name}`)
}

const predicates: { readonly [name: string]: (argument: Arguments) => (value: Erased, key: Erased) => boolean } = {
  always: () => () => true,
  never: () => () => false,
  keyNotNull: () => (_value, key) => key !== null,
  valueNotNull: () => (value) => value !== null,
  keyIn: ({ keys }) => (_value, key) => keys.includes(key),
  valueLengthGt: ({ n }) => (value) => value !== null && value.length > n,
  valueContains: ({ s }) => (value) => value !== null && value.includes(s),
  valueEven: () => (value) => value !== null && BigInt(value) % 2n === 0n,
  valueGt: ({ n }) => (value) => value !== null && value > n,
  not: ({ of }) => {
    const refused = predicate(of)
    return (value, key) => !refused(value, key)
  },
  throwIfValue: (argument) => (value) => {
    throwIfEqual(value, argument)
    return true
  }
}

/** `(value, key) → boolean`. */
export const predicate = (named: Named): (value: Erased, key: Erased) => boolean => {
  const [name, argument] = parts(named)
  return lookup("predicate", predicates, name)(argument)
}

type Binary = (argument: Arguments) => (aggregate: Erased, value: Erased, key: Erased) => Erased

const concat = (aggregate: Erased, value: Erased): string => (aggregate ?? "") + str(value)

const binaryFunctions: { readonly [name: string]: Binary } = {
  sum: () => sum,
  minus: () => (aggregate, value) => sum(aggregate, -BigInt(value)),
  max: () => (aggregate, value) => BigInt(aggregate) >= BigInt(value) ? aggregate : value,
  min: () => (aggregate, value) => BigInt(aggregate) <= BigInt(value) ? aggregate : value,
  concat: () => concat,
  removeFirst: () => (aggregate, value) => {
    const text = str(value)
    return aggregate.includes(text) ? aggregate.replace(text, () => "") : `${aggregate}!${text}`
  },
  first: () => (aggregate) => aggregate,
  last: () => (_aggregate, value) => value,
  sumNullAtZero: () => (aggregate, value) => sum(aggregate, value) || null,
  concatOrNull: ({ on }) => (aggregate, value) => value === on ? null : concat(aggregate, value),
  throwOn: (argument) => (aggregate, value) => {
    throwIfEqual(value, argument)
    return concat(aggregate, value)
  },
  concatKV: () => (aggregate, value, key) => `${aggregate ?? ""}${str(key)}:${str(value)},`,
  inc: () => (aggregate) => sum(aggregate, 1),
  dec: () => (aggregate) => sum(aggregate, -1),
  addLength: () => (aggregate, value) => sum(aggregate, value === null ? 0 : value.length),
  tag: (argument) => (aggregate, value) => (aggregate ?? "") + argument.with + str(value),
  null: () => () => null
}

/** `(aggregate, value, key) → aggregate`: reducers, aggregators, mergers. */
export const binaryFunction = (named: Named): (aggregate: Erased, value: Erased, key: Erased) => Erased => {
  const [name, argument] = parts(named)
  return lookup("binary", binaryFunctions, name)(argument)
}

const initializers: { readonly [name: string]: Erased } = { zero: 0, one: 1, empty: "", null: null }

/** What an aggregation begins with. */
export const initializer = (name: string): () => Erased => {
  if (!(name in initializers)) throw new Error(`no initializer called ${name}`)
  return () => initializers[name]
}

const concatBoth = (left: Erased, right: Erased): string => `${str(left)}+${str(right)}`

/** `(left, right, key) → value`. */
export const joiner = (named: Named): (left: Erased, right: Erased, key: Erased) => Erased => {
  const [name, argument] = parts(named)
  switch (name) {
    case "concatBoth":
      return concatBoth
    case "keyConcatBoth":
      return (left, right, key) => `${str(argument["withKey"] === true ? key : null)}:${concatBoth(left, right)}`
    case "sumLongs":
      return (left, right) => sum(left ?? 0, right ?? 0)
    case "left":
      return (left) => left
    case "right":
      return (_left, right) => right
    case "nullJoin":
      return () => null
    case "nullIfContains":
      return (left, right) => concatBoth(left, right).includes(argument["s"]) ? null : concatBoth(left, right)
    case "throwIfRight":
      return (left, right) => {
        throwIfEqual(right, argument)
        return concatBoth(left, right)
      }
  }
  throw new Error(`no joiner called ${name}`)
}

const beforePipe = (text: string): string | null => text.includes("|") ? text.slice(0, text.indexOf("|")) : null

/** `(value, key) → foreign key`. */
export const foreignKey = (named: Named): (value: Erased, key: Erased) => Erased => {
  const [name] = parts(named)
  switch (name) {
    case "beforePipe":
      return beforePipe
    case "keyAndBeforePipe":
      return (value, key) => {
        const rest = beforePipe(value)
        return rest === null ? null : key.slice(0, 1) + rest
      }
    case "valueFk":
      return (value) => value
  }
  throw new Error(`no foreign key function called ${name}`)
}
