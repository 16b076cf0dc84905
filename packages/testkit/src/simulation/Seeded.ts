/**
 * Chance from a seed: one named sequence for each purpose, so that more of one kind of chance changes no other.
 *
 * Keeps true: the same seed and name give the same numbers on every machine; only 32-bit integer arithmetic is used.
 *
 * @since 0.1.0
 */
import type * as Random from "effect/Random"

/** Four words from a text: each character stirs all of them. */
const wordsOf = (text: string): [number, number, number, number] => {
  let a = 1779033703
  let b = 3144134277
  let c = 1013904242
  let d = 2773480762
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    a = b ^ Math.imul(a ^ code, 597399067)
    b = c ^ Math.imul(b ^ code, 2869860233)
    c = d ^ Math.imul(c ^ code, 951274213)
    d = a ^ Math.imul(d ^ code, 2716044179)
  }
  return [a | 0, b | 0, c | 0, d | 0]
}

/** Outputs of the generator that are passed over, until the seed's bits are everywhere. */
const warmUp = 16

/**
 * A sequence of numbers that a seed decides (Chris Doty-Humphrey's sfc32). It is also an Effect `Random`.
 *
 * @since 0.1.0
 */
export class Seeded implements Random.Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: string) {
    const [a, b, c, d] = wordsOf(seed)
    this.#a = a
    this.#b = b
    this.#c = c
    this.#d = d
    for (let index = 0; index < warmUp; index++) this.word()
  }

  /** The next 32 bits, from 0 on. */
  word(): number {
    const out = (this.#a + this.#b | 0) + this.#d | 0
    this.#d = this.#d + 1 | 0
    this.#a = this.#b ^ this.#b >>> 9
    this.#b = this.#c + (this.#c << 3) | 0
    this.#c = (this.#c << 21 | this.#c >>> 11) + out | 0
    return out >>> 0
  }

  nextDoubleUnsafe(): number {
    return ((this.word() >>> 5) * 67108864 + (this.word() >>> 6)) / 9007199254740992
  }

  nextIntUnsafe(): number {
    const magnitude = (this.word() >>> 5) * 67108864 + (this.word() >>> 6)
    return (this.word() & 1) === 0 ? magnitude : -magnitude
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.word() / 4294967296 * limit)
  }

  /** A whole number between both, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  chance(probability: number): boolean {
    return this.word() < probability * 4294967296
  }

  pick<A>(options: ReadonlyArray<A>): A {
    return options[this.below(options.length)]!
  }

  /** A whole number between both, mostly near the lower one: what latencies look like. */
  skewed(low: number, high: number): number {
    const u = this.word() / 4294967296
    return low + Math.floor((high - low) * u * u * u * u)
  }
}
