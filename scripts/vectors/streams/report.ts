/**
 * What became of specs, area by area.
 */
import type { Report } from "../../vectors.ts"
import type { Spec } from "./spec.ts"

/**
 * What became of one spec: fine, or the operator that is missing, or what is wrong, or an application that is refused on
 * purpose, or one whose answer depends on what a broker cannot promise.
 */
export type Outcome =
  | { readonly _tag: "Passed" }
  | { readonly _tag: "Unsupported"; readonly what: string }
  | { readonly _tag: "Failed"; readonly why: string }
  | { readonly _tag: "Refused"; readonly why: string }
  | { readonly _tag: "Skipped"; readonly why: string }

interface Area {
  passed: number
  failed: number
  refused: number
  readonly missing: Map<string, number>
  readonly skipped: Map<string, number>
}

const count = (reasons: Map<string, number>, reason: string): void => {
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
}

const totalOf = (reasons: ReadonlyMap<string, number>): number =>
  [...reasons.values()].reduce((sum, one) => sum + one, 0)

const listOf = (reasons: ReadonlyMap<string, number>): string =>
  [...reasons].map(([reason, times]) => `${reason} ×${times}`).join(", ")

/** Counts outcomes and prints them as a table, a line for each area. */
export class Tally {
  readonly #areas = new Map<string, Area>()
  readonly #failures: Array<string> = []

  add(spec: Spec, outcome: Outcome): void {
    const area = this.#areaOf(spec.area)
    switch (outcome._tag) {
      case "Passed":
        area.passed++
        break
      case "Unsupported":
        count(area.missing, outcome.what)
        break
      case "Skipped":
        count(area.skipped, outcome.why)
        break
      case "Refused":
        area.refused++
        process.stdout.write(`refused on purpose: ${spec.name}: ${outcome.why}\n`)
        break
      case "Failed":
        area.failed++
        this.#failures.push(`${spec.name}: ${outcome.why}`)
        break
    }
  }

  #areaOf(name: string): Area {
    const known = this.#areas.get(name)
    if (known !== undefined) return known
    const area: Area = { passed: 0, failed: 0, refused: 0, missing: new Map(), skipped: new Map() }
    this.#areas.set(name, area)
    return area
  }

  /** Prints the table; what is unsupported counts as failed. */
  report(): Report {
    let [passed, failed] = [0, 0]
    for (const [name, area] of this.#areas) {
      const unsupported = totalOf(area.missing)
      passed += area.passed
      failed += area.failed + unsupported
      const numbers = [[area.passed, "passed"], [area.failed, "wrong"], [unsupported, "unsupported"]] as const
      const columns = numbers.map(([number, what]) => `${String(number).padStart(4)} ${what}`)
      if (area.refused > 0) columns.push(`${area.refused} refused`)
      if (area.skipped.size > 0) columns.push(`${totalOf(area.skipped)} skipped (${listOf(area.skipped)})`)
      const missing = area.missing.size === 0 ? "" : `: ${listOf(area.missing)}`
      process.stdout.write(`${name.padEnd(15)} ${columns.join(" ")}${missing}\n`)
    }
    const skipped = [...this.#areas.values()].reduce((sum, area) => sum + totalOf(area.skipped), 0)
    if (skipped > 0) process.stdout.write(`${skipped} of ${passed + failed + skipped} skipped\n`)
    return { passed, failed, failures: this.#failures }
  }
}
