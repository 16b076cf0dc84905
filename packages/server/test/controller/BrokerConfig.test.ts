import { assert, describe, it } from "@effect/vitest"
import { BrokerConfig } from "@millrace/server/coordination/controller/BrokerConfig"
import { brokerConfigs } from "@millrace/server/coordination/controller/BrokerConfigTable"
import { check } from "@millrace/server/coordination/controller/ConfigDef"

const make = (settings: Record<string, string>) => BrokerConfig.makeUnsafe(new Map(Object.entries(settings)))

describe("the table of settings", () => {
  it("has all of Kafka's, each with a valid default and a sentence", () => {
    assert.strictEqual(brokerConfigs.size, 360)
    for (const def of brokerConfigs.values()) {
      if (def.defaultValue !== null) assert.isNull(check(def, def.defaultValue), def.name)
      assert.match(def.documentation, /^[A-Z].*\.$/, def.name)
      assert.include(["read-only", "per-broker", "cluster-wide"], def.updateMode)
    }
  })

  it("reads every kind of constraint", () => {
    const problem = (name: string, value: string) => check(brokerConfigs.get(name)!, value) !== null
    assert.isTrue(problem("num.partitions", "0"))
    assert.isFalse(problem("compression.gzip.level", "-1"))
    assert.isTrue(problem("compression.gzip.level", "0"))
    assert.isTrue(problem("compression.type", "rar"))
    assert.isFalse(problem("group.consumer.migration.policy", "Upgrade"))
    assert.isTrue(problem("log.cleanup.policy", "delete,shred"))
    assert.isTrue(problem("num.partitions", "2147483648"))
    assert.isTrue(problem("auto.create.topics.enable", "maybe"))
  })
})

describe("BrokerConfig", () => {
  it("refuses what is no setting, or no value of one", () => {
    assert.throws(() => make({ "no.such": "1" }), /unknown setting/)
    assert.throws(() => make({ "num.partitions": "none" }), /num.partitions/)
  })

  it("takes the nearest value, and remembers the others", () => {
    const config = make({ "background.threads": "3" })
    config.setDynamic(new Map([["background.threads", "1"]]), new Map([["background.threads", "2"]]))
    assert.strictEqual(config.number("background.threads"), 1)
    const values = config.synonyms("background.threads").map(({ source, value }) => [source, value])
    assert.deepStrictEqual(values, [[2, "1"], [3, "2"], [4, "3"], [5, "10"]])
  })
})
