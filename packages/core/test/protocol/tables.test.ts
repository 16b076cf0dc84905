import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Api from "@millrace/core/protocol/Api"
import { describe as describeTable, messages } from "./tables.ts"

describe("tables", () => {
  it("say what Kafka's definitions say", () => {
    const reference = readFileSync(join(import.meta.dirname, "fixtures/tables.tsv"), "utf8").trimEnd().split("\n")
    assert.deepStrictEqual(messages.flatMap(describeTable), reference)
  })

  it("are two for each API, in its module", async () => {
    for (const api of Api.all) {
      const path = join(import.meta.dirname, `../../src/protocol/messages/${api.name}.ts`)
      const module: { readonly [name: string]: unknown } = { ...await import(path) }
      for (const name of [`${api.name}Request`, `${api.name}Response`]) {
        assert.strictEqual(module[name], messages.find((message) => message.name === name), name)
        assert.isDefined(module[name], name)
      }
    }
    const ofApis = messages.filter(({ type }) => type === "request" || type === "response")
    assert.strictEqual(ofApis.length, 2 * Api.all.length)
  })
})
