/**
 * The pattern by which ListTransactions picks transactional ids: a regular expression in the syntax that RE2 and JavaScript
 * share, without what neither can match in linear time.
 *
 * Keeps true: matching takes time in proportion to the id times the pattern, whatever the pattern; a pattern is a client's
 * text, and must not stop the broker. Greed makes no difference, since only whole ids are matched.
 *
 * @since 0.1.0
 */
import * as limits from "../../limits.ts"

type Test = (character: string) => boolean

/** Takes one character if `test` holds, or none at all (`test` null); then goes on with all of `next`. */
interface State {
  readonly test: Test | null
  readonly next: Array<State>
}

interface Fragment {
  readonly first: State
  readonly last: State
}

const step = (): State => ({ test: null, next: [] })

const single = (test: Test): Fragment => {
  const last = step()
  return { first: { test, next: [last] }, last }
}

const nothing = (): Fragment => {
  const only = step()
  return { first: only, last: only }
}

const sequence = (a: Fragment, b: Fragment): Fragment => {
  a.last.next.push(b.first)
  return { first: a.first, last: b.last }
}

const either = (a: Fragment, b: Fragment): Fragment => {
  const first = step()
  const last = step()
  first.next.push(a.first, b.first)
  a.last.next.push(last)
  b.last.next.push(last)
  return { first, last }
}

const many = (a: Fragment): Fragment => {
  const only = step()
  only.next.push(a.first)
  a.last.next.push(only)
  return { first: only, last: only }
}

class PatternError extends Error {}

const refuse = (): never => {
  throw new PatternError()
}

const classes: { readonly [letter: string]: RegExp } = { d: /[0-9]/, w: /[0-9A-Za-z_]/, s: /[\t\n\f\r ]/ }
const controls: { readonly [letter: string]: string } = { t: "\t", n: "\n", r: "\r", f: "\f", v: "\v" }

/** A recursive descent over the pattern; what it does not know, it refuses. */
class Parser {
  private at = 0
  private states = 0
  private readonly text: ReadonlyArray<string>

  constructor(pattern: string) {
    this.text = [...pattern]
  }

  parse(): Fragment {
    const whole = this.alternatives()
    return this.at < this.text.length ? refuse() : whole
  }

  private get next(): string | undefined {
    return this.text[this.at]
  }

  private take(): string {
    return this.text[this.at++] ?? refuse()
  }

  private skip(text: string): boolean {
    const found = this.text.slice(this.at, this.at + text.length).join("") === text
    if (found) this.at += text.length
    return found
  }

  private alternatives(): Fragment {
    let result = this.terms()
    while (this.skip("|")) result = either(result, this.terms())
    return result
  }

  private terms(): Fragment {
    let result = nothing()
    while (this.next !== undefined && this.next !== "|" && this.next !== ")") result = sequence(result, this.term())
    return result
  }

  private term(): Fragment {
    const start = this.at
    const first = this.atom()
    const end = this.at
    const repeat = this.repeat()
    if (repeat === undefined) return first
    const again = (): Fragment => {
      const { at } = this
      this.at = start
      const copy = this.atom()
      this.at = at
      return copy
    }
    let result = repeat.min === 0 ? nothing() : first
    for (let count = 1; count < repeat.min; count++) result = sequence(result, again())
    if (repeat.max === Infinity) result = sequence(result, many(again()))
    else for (let count = repeat.min; count < repeat.max; count++) result = sequence(result, either(again(), nothing()))
    return end > start ? result : refuse()
  }

  private repeat(): { readonly min: number; readonly max: number } | undefined {
    const found = this.skip("*")
      ? { min: 0, max: Infinity }
      : this.skip("+")
      ? { min: 1, max: Infinity }
      : this.skip("?")
      ? { min: 0, max: 1 }
      : this.counts()
    if (found !== undefined) this.skip("?")
    return found
  }

  private counts(): { readonly min: number; readonly max: number } | undefined {
    const rest = this.text.slice(this.at).join("")
    const counted = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(rest)
    if (counted === null) return undefined
    this.at += counted[0].length
    const min = Number(counted[1])
    const max = counted[2] === undefined ? min : counted[3] === "" ? Infinity : Number(counted[3])
    return max < min ? refuse() : { min, max }
  }

  private atom(): Fragment {
    if (++this.states > limits.transactionalIdPatternStatesMax) return refuse()
    const character = this.take()
    switch (character) {
      case "(": {
        if (this.next === "?" && !this.skip("?:")) return refuse()
        const group = this.alternatives()
        return this.skip(")") ? group : refuse()
      }
      case "[":
        return single(this.set())
      case ".":
        return single(() => true)
      case "\\":
        return single(this.escape())
      // Whole ids are matched, so anchors at the ends say nothing new; elsewhere they are refused.
      case "^":
        return this.at === 1 ? nothing() : refuse()
      case "$":
        return this.at === this.text.length ? nothing() : refuse()
      case "*":
      case "+":
      case "?":
      case ")":
        return refuse()
      default:
        return single((one) => one === character)
    }
  }

  private escape(): Test {
    const letter = this.take()
    const known = classes[letter.toLowerCase()]
    if (known !== undefined) {
      const wanted = letter === letter.toLowerCase()
      return (one) => known.test(one) === wanted
    }
    const control = controls[letter] ?? (/[0-9A-Za-z]/.test(letter) ? refuse() : letter)
    return (one) => one === control
  }

  private set(): Test {
    const negated = this.skip("^")
    const tests: Array<Test> = []
    do {
      const from = this.take()
      if (from === "\\") tests.push(this.escape())
      else if (this.next === "-" && this.text[this.at + 1] !== "]") {
        this.at++
        const to = this.take()
        if (to < from || to === "\\") return refuse()
        tests.push((one) => one >= from && one <= to)
      } else tests.push((one) => one === from)
    } while (!this.skip("]"))
    return (one) => tests.some((test) => test(one)) !== negated
  }
}

/** All states that are reached without taking a character. */
const reach = (from: Iterable<State>): Set<State> => {
  const reached = new Set<State>(from)
  for (const state of reached) {
    if (state.test === null) { for (const next of state.next) reached.add(next) }
  }
  return reached
}

const matches = (pattern: Fragment, text: string): boolean => {
  let current = reach([pattern.first])
  for (const character of text) {
    const next: Array<State> = []
    for (const state of current) if (state.test !== null && state.test(character)) next.push(...state.next)
    if (next.length === 0) return false
    current = reach(next)
  }
  return current.has(pattern.last)
}

/**
 * Whether a whole id matches a pattern; null or empty matches all. Undefined if the pattern is none.
 *
 * @since 0.1.0
 */
export const compile = (pattern: string | null): ((transactionalId: string) => boolean) | undefined => {
  if (pattern === null || pattern === "") return () => true
  if (pattern.length > limits.transactionalIdPatternMax) return undefined
  try {
    const whole = new Parser(pattern).parse()
    return (transactionalId) => matches(whole, transactionalId)
  } catch (error) {
    if (error instanceof PatternError) return undefined
    throw error
  }
}
