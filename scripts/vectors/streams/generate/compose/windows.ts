/** Windows of groups. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Random } from "../random.ts"

/** Windows, the serde of their keys, what kind of store they need, its size if it has one, and whether they emit once. */
export interface Windowing {
  readonly windows: Erased
  readonly serde: string
  readonly kind: "window" | "session"
  readonly sizeMs?: number
  readonly isFinal?: boolean
}

/** Windows of any type. */
export const windowing = (random: Random): Windowing => {
  const grace = random.pick([{}, { graceMs: 0 }, { graceMs: 5 }, { graceMs: 20 }])
  const size = random.pick([1, 5, 10, 20])
  const ofSize = { serde: `windowed:string:${size}`, kind: "window", sizeMs: size } as const
  switch (random.below(13)) {
    case 0:
    case 1:
    case 2:
      return { windows: { type: "sliding", diffMs: size, ...grace }, ...ofSize }
    case 3:
    case 4:
    case 5: {
      const gap = random.chance(0.1) ? 0 : size
      return { windows: { type: "session", gapMs: gap, ...grace }, serde: "session:string", kind: "session" }
    }
    case 6:
    case 7:
    case 8: {
      const advanceMs = Math.min(size, random.pick([1, 3, 5]))
      return { windows: { type: "time", sizeMs: size, advanceMs, ...grace }, ...ofSize }
    }
    case 9: {
      const start = random.chance(0.5) ? { startMs: random.pick([0, 10, 50]) } : {}
      return { windows: { type: "unlimited", ...start }, serde: "windowed:string:9223372036854775807", kind: "window" }
    }
    default:
      return { windows: { type: "time", sizeMs: size, ...grace }, ...ofSize }
  }
}
