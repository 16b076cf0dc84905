/**
 * Reads `--name value` and `--name=value` from a command line; a name may come more than once.
 */

/** What was given: values by name, in order. */
export type Arguments = ReadonlyMap<string, ReadonlyArray<string>>

/** Reads the arguments; exits with 2 and the usage if one is not among `names` or has no value. */
export const readArguments = (
  names: ReadonlyArray<string>,
  usage: string,
  line = process.argv.slice(2)
): Arguments => {
  const given = new Map<string, Array<string>>()
  const words = line.filter((word) => word !== "--")
  for (let at = 0; at < words.length; at++) {
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(words[at]!)
    const name = match?.[1]
    const value = match?.[2] ?? words[++at]
    if (name === undefined || !names.includes(name) || value === undefined) {
      console.error(`usage: ${usage}`)
      process.exit(2)
    }
    given.set(name, [...(given.get(name) ?? []), value])
  }
  return given
}
