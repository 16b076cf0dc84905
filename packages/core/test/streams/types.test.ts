/**
 * Mistakes are compile errors where they were made, and the compiler says what is wrong.
 */
import { assert, it } from "@effect/vitest"
import { resolve } from "node:path"
import { complaints } from "../../typetest/complaints.ts"

it("refuses each mistake at its line, and says what is wrong", { timeout: 60_000 }, () => {
  const { count, wrong } = complaints(resolve(import.meta.dirname, "..", ".."))
  assert.isAbove(count, 50)
  assert.deepStrictEqual(wrong, [])
})
