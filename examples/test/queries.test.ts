import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { main } from "../queries.ts"

const root = join(import.meta.dirname, "../..")

describe("queries", () => {
  it("are answered by either instance, with what was just written", () => Effect.runPromise(main))

  it("are explained in docs/queries.md by the very code of the example", () => {
    const code = readFileSync(join(root, "examples/queries.ts"), "utf8")
    const blocks = [...readFileSync(join(root, "docs/queries.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)]
    assert.isAbove(blocks.length, 2)
    for (const [, block] of blocks) assert.include(code, block!.trim())
  })
})
