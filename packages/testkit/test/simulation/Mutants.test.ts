import { assert, describe, it } from "@effect/vitest"
import * as Anomaly from "@millrace/testkit/simulation/checker/Anomaly"
import { readFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { apply, mutants } from "../../../../scripts/sim/mutants.ts"

describe("the planted bugs", () => {
  it("are at least thirty, each under a name of its own", () => {
    assert.isAtLeast(mutants.length, 30)
    assert.strictEqual(new Set(mutants.map(({ name }) => name)).size, mutants.length)
  })

  it("are the ones that the page about them tells of, with their limits", () => {
    const page = readFileSync(new URL("../../../../docs/simulation.md", import.meta.url), "utf8")
    const rows = page.split("\n").filter((line) => line.startsWith("| `")).map((line) => line.split(" | "))
    assert.deepStrictEqual(
      rows.map(([name, does, causes, , , limit]) => [name, does, causes, limit]),
      mutants.map((mutant) => [`| \`${mutant.name}\``, mutant.does, mutant.causes.join(", "), `${mutant.seedsMax} |`])
    )
  })

  it("are in what ships, and their hardships in the simulated world", () => {
    const simulation = "packages/testkit/src/simulation/"
    for (const { edits, hardships = [] } of mutants) {
      assert.isFalse(edits.some(({ file }) => file.startsWith(simulation)))
      assert.isTrue(hardships.every(({ file }) => file.startsWith(simulation)))
    }
  })

  for (const mutant of mutants) {
    it(`${mutant.name} can be planted into the source as it is now`, () => {
      const texts = apply(mutant)
      assert.isAbove(texts.size, 0)
      for (const text of texts.values()) assert.doesNotThrow(() => stripTypeScriptTypes(text))
      assert.isAbove(mutant.causes.length, 0)
      for (const name of mutant.causes) assert.include(Anomaly.names, name)
    })
  }
})
