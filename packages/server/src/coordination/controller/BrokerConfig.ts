/**
 * The settings of this broker, and where each value comes from.
 *
 * Keeps true: the value of a setting is the first of: set for this broker at run time, set for all brokers at run time, given
 * at start, Kafka's default. Values given at start were checked.
 * Leaves to others: storing what is set at run time (the controller, which calls `setDynamic`).
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import { brokerConfigs } from "./BrokerConfigTable.ts"
import { check, parseList } from "./ConfigDef.ts"

/**
 * A setting that cannot be taken: it is unknown, or its value is not one of its values.
 *
 * @since 0.1.0
 */
export class InvalidConfig
  extends Data.TaggedError("InvalidConfig")<{ readonly name: string; readonly detail: string }>
{
  override get message(): string {
    return this.detail
  }
}

/**
 * Where a value comes from, as DescribeConfigs numbers it.
 *
 * @since 0.1.0
 */
export const ConfigSource = {
  topic: 1,
  dynamicBroker: 2,
  dynamicDefaultBroker: 3,
  staticBroker: 4,
  default: 5,
  brokerLogger: 6,
  clientMetrics: 7,
  group: 8
} as const

/**
 * One value of a setting, in the order in which they count.
 *
 * @since 0.1.0
 */
export interface Synonym {
  readonly name: string
  readonly value: string
  readonly source: number
}

const none: ReadonlyMap<string, string> = new Map()

/**
 * Milliseconds of a setting that is given in another unit.
 */
const unitMs = (name: string): number =>
  name.endsWith(".hours") ? 3_600_000 : name.endsWith(".minutes") ? 60_000 : name.endsWith(".seconds") ? 1_000 : 1

/**
 * The settings of one broker.
 *
 * @since 0.1.0
 */
export class BrokerConfig {
  readonly #static: ReadonlyMap<string, string>
  #dynamicBroker: ReadonlyMap<string, string> = none
  #dynamicDefault: ReadonlyMap<string, string> = none

  private constructor(values: ReadonlyMap<string, string>) {
    this.#static = values
  }

  /**
   * Checks the values given at start. Throws `InvalidConfig`.
   */
  static makeUnsafe(values: ReadonlyMap<string, string>): BrokerConfig {
    for (const [name, value] of values) {
      const def = brokerConfigs.get(name)
      if (def === undefined) throw new InvalidConfig({ name, detail: `unknown setting: ${name}` })
      const problem = check(def, value)
      if (problem !== null) throw new InvalidConfig({ name, detail: problem })
    }
    return new BrokerConfig(values)
  }

  /** What was set at run time: for this broker, and for all brokers. */
  setDynamic(broker: ReadonlyMap<string, string>, all: ReadonlyMap<string, string>): void {
    this.#dynamicBroker = broker
    this.#dynamicDefault = all
  }

  /** The values of a setting, the one that counts first. */
  synonyms(name: string): ReadonlyArray<Synonym> {
    const found: Array<Synonym> = []
    const add = (value: string | null | undefined, source: number) => {
      if (value !== undefined && value !== null) found.push({ name, value, source })
    }
    add(this.#dynamicBroker.get(name), ConfigSource.dynamicBroker)
    add(this.#dynamicDefault.get(name), ConfigSource.dynamicDefaultBroker)
    add(this.#static.get(name), ConfigSource.staticBroker)
    add(brokerConfigs.get(name)?.defaultValue, ConfigSource.default)
    return found
  }

  /** The text of a setting, null if it has none. */
  text(name: string): string | null {
    return this.#dynamicBroker.get(name) ?? this.#dynamicDefault.get(name) ?? this.#static.get(name)
      ?? brokerConfigs.get(name)?.defaultValue ?? null
  }

  /** The number of a setting that has one. */
  number(name: string): number {
    return Number(this.text(name))
  }

  /** Whether a setting is true. */
  boolean(name: string): boolean {
    return this.text(name)?.trim().toLowerCase() === "true"
  }

  /** The items of a list setting. */
  list(name: string): ReadonlyArray<string> {
    return parseList(this.text(name) ?? "")
  }

  /**
   * The first of several settings that has a value, as text; those in hours, minutes or seconds count in milliseconds
   * when a sibling of theirs does.
   */
  first(names: ReadonlyArray<string>): string | null {
    for (const name of names) {
      const text = this.text(name)
      if (text === null) continue
      const unit = names.length === 1 ? 1 : unitMs(name)
      return unit === 1 || Number(text) < 0 ? text : String(Number(text) * unit)
    }
    return null
  }
}
