import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Api from "@millrace/core/protocol/Api"
import type * as Message from "@millrace/core/protocol/Message"
import { describe as describeTable, messages } from "./tables.ts"

describe("tables", () => {
  it("say what Kafka's definitions say", () => {
    const reference = readFileSync(join(import.meta.dirname, "fixtures/tables.tsv"), "utf8").trimEnd().split("\n")
    assert.deepStrictEqual(messages.flatMap(describeTable), reference)
  })

  it("agree with the list of APIs, which names each request and response", async () => {
    for (const api of Api.all) {
      const module = await api.load() as unknown as Record<string, Message.Any>
      for (const message of [module[`${api.name}Request`]!, module[`${api.name}Response`]!]) {
        const { apiKey, flexibleSince, versionMax, versionMin } = message
        const fromTable = { key: apiKey, flexibleSince: flexibleFrom(message, flexibleSince), versionMax, versionMin }
        const { key, versionMax: max, versionMin: min } = api
        const fromList = {
          key,
          flexibleSince: flexibleFrom(message, api.flexibleSince),
          versionMax: max,
          versionMin: min
        }
        assert.deepStrictEqual(fromList, fromTable, message.name)
      }
      const unstable = module[`${api.name}Request`]!.latestVersionUnstable
      assert.strictEqual(api.versionMaxStable, unstable ? api.versionMax - 1 : api.versionMax)
    }
    const named = messages.filter((message) => message.type === "request" || message.type === "response")
    assert.strictEqual(named.length, 2 * Api.all.length)
    assert.deepStrictEqual(named.filter((message) => Api.of(message) === undefined), [])
  })
})

const flexibleFrom = (message: Message.Any, since: number): number => since > message.versionMax ? Infinity : since
