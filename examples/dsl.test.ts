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

  it("show what the guide for users of Kafka Streams names: every function, and none that is not there", () => {
    const guide = readFileSync(join(root, "docs/for-kafka-streams-users.md"), "utf8")
    // the second cell of a row says what is here
    const cells = guide.split("\n").flatMap((line) => line.startsWith("| ") ? line.split(" | ").slice(1, 2) : [])
    const named = new Set(cells.flatMap((cell) => [...cell.matchAll(/`(\w+\.\w+)/g)].map(([, name]) => name!)))
    const expected = Page.functions().filter((name) => !(name in Page.exceptions))
    assert.deepEqual(expected.filter((name) => !named.has(name)), [])
    const modules = new Set(expected.map((name) => name.split(".")[0]))
    assert.deepEqual([...named].filter((name) => modules.has(name.split(".")[0]) && !expected.includes(name)), [])
  })

  it("make docs/dsl.md; `npx -y pnpm@12 run docs` writes it anew", async () => {
    assert.ok(readFileSync(join(root, "docs/dsl.md"), "utf8") === await Page.render(), "it is stale")
  })
})
