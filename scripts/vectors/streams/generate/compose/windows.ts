/** Windows of groups. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Random } from "../random.ts"

/** Windows, the serde of their keys, and what kind of store they need. */
export interface Windowing {
  readonly windows: Erased
  readonly serde: string
  readonly kind: "window" | "session"
}

/** Windows of any type. */
export const windowing = (random: Random): Windowing => {
  const grace = random.pick([{}, { graceMs: 0 }, { graceMs: 5 }, { graceMs: 20 }])
  const size = random.pick([5, 10, 20])
  const ofSize = { serde: `windowed:string:${size}`, kind: "window" } as const
  switch (random.below(4)) {
    case 0:
      return { windows: { type: "sliding", diffMs: size, ...grace }, ...ofSize }
    case 1:
      return { windows: { type: "session", gapMs: size, ...grace }, serde: "session:string", kind: "session" }
    case 2:
      return { windows: { type: "time", sizeMs: size, advanceMs: random.pick([1, 3, 5]), ...grace }, ...ofSize }
    default:
      return { windows: { type: "time", sizeMs: size, ...grace }, ...ofSize }
  }
}
