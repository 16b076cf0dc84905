/**
 * What a setting is: its name, type, default, the values it may have, and how its text is checked and read.
 *
 * Keeps true: a value that `check` accepts can be read by the accessors of `Settings` without a failure; texts are kept as
 * they were given, so that DescribeConfigs shows what was set.
 * Leaves to others: which settings there are (`TopicConfig`, `BrokerConfig`) and where their values come from.
 *
 * @since 0.1.0
 */

/**
 * The types that Kafka's DescribeConfigs knows.
 *
 * @since 0.1.0
 */
export type ConfigType = "boolean" | "string" | "int" | "short" | "long" | "double" | "list" | "class" | "password"

/**
 * The number of a type on the wire (DescribeConfigs v3 and later).
 *
 * @since 0.1.0
 */
export const typeCode: { readonly [Type in ConfigType]: number } = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9
}

/**
 * What a value must satisfy beyond its type: a range, or one of some words (of a list: each of its items).
 *
 * @since 0.1.0
 */
export type Constraint =
  | { readonly _tag: "Range"; readonly min: number; readonly max: number; readonly also: number | null }
  | { readonly _tag: "OneOf"; readonly words: ReadonlyArray<string>; readonly ignoreCase: boolean }
  | { readonly _tag: "NotEmpty" }

/**
 * A setting. `defaultValue` is text as DescribeConfigs shows it, null if there is none; `updateMode` says whether a broker
 * takes it up while running; `hidden` ones are not described.
 *
 * @since 0.1.0
 */
export interface ConfigDef {
  readonly name: string
  readonly type: ConfigType
  readonly defaultValue: string | null
  readonly constraint: Constraint | null
  readonly updateMode: "read-only" | "per-broker" | "cluster-wide"
  readonly hidden: boolean
  readonly documentation: string
}

/**
 * At least `min`, and at most `max`.
 *
 * @since 0.1.0
 */
export const range = (min: number, max: number = Number.POSITIVE_INFINITY, also: number | null = null): Constraint => ({
  _tag: "Range",
  min,
  max,
  also
})

/**
 * One of these words.
 *
 * @since 0.1.0
 */
export const oneOf = (...words: ReadonlyArray<string>): Constraint => ({ _tag: "OneOf", words, ignoreCase: false })

/**
 * One of these words, in any case.
 *
 * @since 0.1.0
 */
export const oneOfIgnoringCase = (...words: ReadonlyArray<string>): Constraint => ({
  _tag: "OneOf",
  words,
  ignoreCase: true
})

/**
 * Any text but the empty one.
 *
 * @since 0.1.0
 */
export const notEmpty: Constraint = { _tag: "NotEmpty" }

const wholeNumber = /^[+-]?\d+$/

const bounds: { readonly [type: string]: readonly [bigint, bigint] } = {
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  short: [-(2n ** 15n), 2n ** 15n - 1n],
  long: [-(2n ** 63n), 2n ** 63n - 1n]
}

/**
 * The items of a list: parts between commas, without blanks around them.
 *
 * @since 0.1.0
 */
export const parseList = (text: string): ReadonlyArray<string> =>
  text.trim() === "" ? [] : text.split(",").map((item) => item.trim())

const checkType = (def: ConfigDef, text: string): string | null => {
  switch (def.type) {
    case "boolean":
      return /^(true|false)$/i.test(text) ? null : "expected true or false"
    case "int":
    case "short":
    case "long": {
      if (!wholeNumber.test(text)) return `not a number of type ${def.type}`
      const [min, max] = bounds[def.type]!
      const value = BigInt(text.replace("+", ""))
      return value < min || value > max ? `not a number of type ${def.type}` : null
    }
    case "double":
      return text === "" || Number.isNaN(Number(text)) ? "not a number of type double" : null
    case "list": {
      const items = parseList(text)
      if (items.length > 1 && items.includes("")) return "an item of the list is empty"
      return new Set(items).size === items.length ? null : "an item is in the list twice"
    }
    default:
      return null
  }
}

const checkConstraint = (def: ConfigDef, text: string): string | null => {
  const constraint = def.constraint
  if (constraint === null) return null
  switch (constraint._tag) {
    case "Range": {
      const value = Number(text)
      if (value === constraint.also) return null
      if (value < constraint.min) return `value must be at least ${constraint.min}`
      return value > constraint.max ? `value must be no more than ${constraint.max}` : null
    }
    case "OneOf": {
      const items = def.type === "list" ? parseList(text) : [text]
      const fold = (word: string) => constraint.ignoreCase ? word.toLowerCase() : word
      const words = constraint.words.map(fold)
      const stranger = items.find((item) => !words.includes(fold(item)))
      return stranger === undefined ? null : `must be one of ${constraint.words.join(", ")}`
    }
    case "NotEmpty":
      return text === "" ? "must not be empty" : null
  }
}

/**
 * Null if `text` is a value of the setting, otherwise what is wrong with it, in Kafka's words' order.
 *
 * @since 0.1.0
 */
export const check = (def: ConfigDef, text: string): string | null => {
  const value = def.type === "string" || def.type === "class" || def.type === "password" ? text : text.trim()
  const problem = checkType(def, value) ?? checkConstraint(def, value)
  return problem === null ? null : `Invalid value ${text} for configuration ${def.name}: ${problem}`
}
