/**
 * `node scripts/tables.ts REFERENCE_DIR`: writes down what message definitions say, for the test that holds our tables
 * against it (`packages/core/test/protocol/fixtures/tables.tsv`).
 *
 * REFERENCE_DIR holds JSON files of definitions in Kafka's own format, by message name. A line is a message with its type,
 * key, versions and flexible versions, or the path of a field with its type, versions, versions in which it may be null,
 * default, tag, and whether it is ignorable. Versions are those that can occur: within the message's and the parents'.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

interface FieldDefinition {
  readonly name: string
  readonly type: string
  readonly versions?: string
  readonly taggedVersions?: string
  readonly nullableVersions?: string
  readonly default?: unknown
  readonly tag?: number
  readonly ignorable?: boolean | string
  readonly fields?: ReadonlyArray<FieldDefinition>
}

interface Definition {
  readonly name: string
  readonly type: string
  readonly apiKey?: number
  readonly validVersions: string
  readonly flexibleVersions?: string
  readonly latestVersionUnstable?: boolean
  readonly fields?: ReadonlyArray<FieldDefinition>
  readonly commonStructs?: ReadonlyArray<FieldDefinition>
}

type Range = readonly [number, number]

const rangeOf = (text: string | undefined): Range | undefined => {
  if (text === undefined || text === "none") return undefined
  if (text.endsWith("+")) return [Number.parseInt(text), Infinity]
  const [min, max] = text.split("-").map(Number)
  return [min!, max ?? min!]
}

const within = (inner: Range | undefined, outer: Range): Range | undefined => {
  if (inner === undefined) return undefined
  const range: Range = [Math.max(inner[0], outer[0]), Math.min(inner[1], outer[1])]
  return range[0] <= range[1] ? range : undefined
}

const show = (range: Range | undefined): string => range === undefined ? "-" : `${range[0]}-${range[1]}`

const defaultText = ({ default: given, type }: FieldDefinition): string => {
  if (given === undefined || given === null) return "-"
  if (typeof given === "string" && /^(u?int\d+)$/.test(type) && given !== "null") return String(BigInt(given))
  return type === "string" && given !== "null" ? JSON.stringify(given) : String(given)
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

const kinds = /^(\[\])?(bool|u?int\d+|float64|string|uuid|bytes|records)$/

const fieldLines = (
  path: string,
  fields: ReadonlyArray<FieldDefinition>,
  outer: Range,
  common: ReadonlyMap<string, FieldDefinition>
): ReadonlyArray<string> =>
  fields.flatMap((field) => {
    const versions = within(rangeOf(field.versions ?? field.taggedVersions), outer)
    if (versions === undefined) return []
    const isArray = field.type.startsWith("[]")
    const type = kinds.test(field.type) ? field.type : isArray ? "[]struct" : "struct"
    const here = `${path}.${lowerFirst(field.name)}`
    const nullable = show(within(rangeOf(field.nullableVersions), versions))
    const ignorable = String(field.ignorable ?? false)
    const line = [here, type, show(versions), nullable, defaultText(field), field.tag ?? "-", ignorable].join("\t")
    const inner = field.fields ?? common.get(field.type.replace("[]", ""))?.fields ?? []
    return [line, ...fieldLines(here, inner, versions, common)]
  })

const definitionLines = (definition: Definition): ReadonlyArray<string> => {
  const versions = rangeOf(definition.validVersions)
  if (versions === undefined) return []
  const common = new Map(definition.commonStructs?.map((struct) => [struct.name, struct]))
  const type = definition.type === "metadata" ? "metadata-record" : definition.type
  const key = type === "header" || type === "data" ? "-" : definition.apiKey ?? "-"
  const flexible = show(within(rangeOf(definition.flexibleVersions), versions))
  const unstable = String(definition.latestVersionUnstable ?? false)
  const head = [definition.name, type, key, show(versions), flexible, unstable].join("\t")
  return [head, ...fieldLines(definition.name, definition.fields ?? [], versions, common)]
}

const directory = process.argv[2]
if (directory === undefined) throw new Error("usage: node scripts/tables.ts REFERENCE_DIR")
const definitions = readdirSync(directory).filter((file) => file.endsWith(".json")).flatMap((file) =>
  Object.values(JSON.parse(readFileSync(join(directory, file), "utf8")) as Record<string, Definition>)
)
definitions.sort((left, right) => left.name < right.name ? -1 : 1)
const target = join(import.meta.dirname, "../packages/core/test/protocol/fixtures/tables.tsv")
writeFileSync(target, definitions.flatMap(definitionLines).join("\n") + "\n")
