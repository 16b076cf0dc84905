/**
 * The laws, for every message: `MILLRACE_PROPERTY_RUNS=10000` for that many cases of each law and message. A case is known
 * by its number; versions take turns.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Message from "@millrace/core/protocol/Message"
import { ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import { dense, laws, memoryOf } from "./laws.ts"
import { chance, messages, messageVersions } from "./tables.ts"

const runs = Number(process.env.MILLRACE_PROPERTY_RUNS ?? 8)
const timeoutMs = 10_000 + runs * 20

describe("every message in every version", () => {
  for (const message of messages) {
    it(message.name, { timeout: timeoutMs }, () => {
      const versions = message.versionMax - message.versionMin + 1
      for (const name in laws) {
        for (let run = 0; run < Math.max(runs, versions); run++) {
          const version = message.versionMin + run % versions
          try {
            laws[name]!({ message, version, random: chance(run * 31 + version) })
          } catch (cause) {
            const detail = cause instanceof Error ? cause.message : String(cause)
            throw new Error(`case ${run} of ${name}, version ${version}: ${detail}`, { cause })
          }
        }
      }
    })
  }

  it("takes memory within the stated factor of its bytes, however small its elements", () => {
    for (const { message, version } of messageVersions) dense(message, version)
  })

  it("takes memory within the stated factor, too, where all of it is unknown tags", () => {
    const tags = Array.from({ length: 100 }, (_, i) => ({ tag: 20 + i, data: new Uint8Array(0) }))
    const bytes = Message.encodeBytesUnsafe(ProduceResponse, 10, { responses: [], unknownTaggedFields: tags })
    assert.isAtMost(memoryOf(Message.decodeUnsafe(ProduceResponse, 10, bytes)), 1024 + 128 * bytes.length)
  })
})
