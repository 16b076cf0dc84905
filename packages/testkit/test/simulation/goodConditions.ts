/** A network that neither loses, doubles nor reorders anything: tests make worse what they are about. */
import type { Conditions } from "@millrace/testkit/simulation/Conditions"

export const good: Conditions = {
  latencyUs: 1000,
  spread: "steady",
  loss: 0,
  duplication: 0,
  reordering: 0,
  bytesPerUs: 100,
  segmentMaxBytes: 1500
}
