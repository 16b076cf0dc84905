/**
 * Topics by pattern, as sources subscribe to them.
 *
 * @since 0.1.0
 */
import type { ResolvedTopology } from "./ResolvedTopology.ts"

/**
 * Whether the pattern matches the whole name of the topic, as Kafka matches patterns.
 *
 * @since 0.1.0
 */
export const matches = (pattern: RegExp, topic: string): boolean =>
  new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, "")).test(topic)

/**
 * The names that one of the patterns matches.
 *
 * @since 0.1.0
 */
export const matching = (patterns: ReadonlyArray<RegExp>, names: Iterable<string>): ReadonlyArray<string> =>
  patterns.length === 0 ? [] : [...names].filter((name) => patterns.some((pattern) => matches(pattern, name)))

/**
 * The topology with the topics among `names` that its patterns match, as if its sources had named them.
 *
 * @since 0.1.0
 */
export const resolve = (topology: ResolvedTopology, names: Iterable<string>): ResolvedTopology => {
  if (topology.subTopologies.every(({ sourcePatterns }) => sourcePatterns.length === 0)) return topology
  const all = [...names]
  const subTopologies = topology.subTopologies.map((each) => ({
    ...each,
    sourceTopics: [...new Set([...each.sourceTopics, ...matching(each.sourcePatterns, all)])].sort()
  }))
  return { ...topology, subTopologies }
}

/**
 * What the topology subscribes to: names, or, if it has patterns, one pattern of whole names for all.
 *
 * @since 0.1.0
 */
export const subscription = (topology: ResolvedTopology): ReadonlyArray<string> | RegExp => {
  const names = [...new Set(topology.subTopologies.flatMap((each) => each.sourceTopics))]
  const patterns = topology.subTopologies.flatMap((each) => each.sourcePatterns)
  if (patterns.length === 0) return names
  const literal = names.map((name) => name.replaceAll(".", "\\."))
  const unicode = patterns.some(({ flags }) => flags.includes("v"))
    ? "v"
    : patterns.some(({ unicode }) => unicode)
    ? "u"
    : ""
  return new RegExp(`^(?:${[...literal, ...patterns.map(withFlags)].join("|")})$`, unicode)
}

/** The source of a pattern that means the same inside of another: with its flags that change what single characters match. */
const withFlags = ({ flags, source }: RegExp): string => {
  const own = flags.replace(/[^ims]/g, "")
  return own === "" ? source : `(?${own}:${source})`
}
