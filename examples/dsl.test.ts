/**
 * The examples of the DSL hold, each function of the DSL is shown by one, and `docs/dsl.md` is made of them.
 */
import assert from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, it } from "vitest"
import { families } from "../scripts/dsl/contents.ts"
import * as Page from "../scripts/dsl/page.ts"

const root = join(import.meta.dirname, "..")
const examples = families.flatMap((family) => family.examples.map((name) => Page.pathOf(family, name)))

describe("the examples of the DSL", () => {
  it.each(examples)("%s holds", (path) => import(join(root, path)))

  it("are all in the contents of the page", () => {
    assert.deepEqual(globSync("examples/dsl/**/*.ts", { cwd: root }).sort(), [...examples].sort())
  })

  it("each assert something", () => {
    for (const path of examples) assert.match(readFileSync(join(root, path), "utf8"), /\bassert\.\w+\(/, path)
  })

  it("show every function of the DSL, but for those that the page excepts", () => {
    assert.deepEqual(Page.missing(), [])
    for (const name of Object.keys(Page.exceptions)) assert.ok(Page.functions().includes(name), `${name} is not there`)
  })

  it("make docs/dsl.md; `npx -y pnpm@12 docs` writes it anew", async () => {
    assert.ok(readFileSync(join(root, "docs/dsl.md"), "utf8") === await Page.render(), "it is stale")
  })
})
