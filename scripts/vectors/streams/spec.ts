/** A line of a vectors file, as data. */
import type { Erased } from "@millrace/core/serde/Erased"

/** A line of a vectors file, as far as it is read here. */
export interface Spec {
  readonly name: string
  readonly area: string
  readonly config: { readonly [name: string]: string }
  readonly lowLevel?: boolean
  readonly describeOnly?: boolean
  readonly wallClockStartMs?: number
  readonly serdes: { readonly [topic: string]: { readonly key: string; readonly value: string } }
  readonly topology: ReadonlyArray<Op>
  readonly steps: ReadonlyArray<Erased>
  readonly describe?: string
  readonly results?: ReadonlyArray<ReadonlyArray<Erased>>
  readonly effects?: ReadonlyArray<ReadonlyArray<Erased>>
  readonly stores?: { readonly [name: string]: Erased }
  readonly metrics?: { readonly "dropped-records-total": number }
  readonly error?: {
    readonly at: "build" | "run" | number
    readonly class: string
    readonly message: string
    readonly cause?: Erased
  }
}

/** One operation of a spec. */
export interface Op {
  readonly id?: string
  readonly op: string
  readonly [field: string]: Erased
}

/** Something that the DSL does not have yet. */
export class Unsupported extends Error {
  readonly what: string
  constructor(what: string) {
    super(`unsupported: ${what}`)
    this.what = what
  }
}
