/**
 * The architecture rules, as a program: which way imports point, what may touch the outside world,
 * and that every export says what it is for. ARCHITECTURE.md states the same rules in words.
 */
import * as NodeFs from "node:fs"
import * as NodePath from "node:path"

/** Packages that a package may import. */
const packages: Readonly<Record<string, ReadonlyArray<string>>> = {
  core: [],
  server: ["core"],
  client: ["core"],
  testkit: ["core", "server", "client"]
}

/** Folders (or single files) of each package, lowest first; a folder imports only what stands before it. */
const layers: Readonly<Record<string, ReadonlyArray<string>>> = {
  core: ["limits", "hash", "platform", "errors", "protocol", "records", "serde", "streams", "root", "platform/node"],
  server: ["limits", "storage", "replication", "coordination", "api", "listener", "root"],
  client: ["limits", "cluster", "admin", "producer", "consumer", "transaction", "streams", "root"],
  testkit: ["limits", "platform", "driver", "simulation", "embedded", "root"]
}

/** Where the ports are implemented on Node: the only code that may touch sockets, files, timers and threads. */
const nodeFolder = "packages/core/src/platform/node/"

/** What code that must run in the simulation may not touch, and what to use in its place. */
const forbidden: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bnew Date\b|\bDate\.(now|parse|UTC)\b/, "time enters through Effect's Clock"],
  [
    /\b(setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame)\b/,
    "time enters through Effect's Clock"
  ],
  [/\bperformance\.now\b|\bhrtime\b/, "time enters through Effect's Clock"],
  [/\bMath\.random\b|\bcrypto\.(random|getRandom|subtle)/, "chance enters through Effect's Random"],
  [/\bprocess\.\w/, "the process belongs to the Node layer"],
  [/\bconsole\.\w/, "logs go through Effect"],
  [
    /\bPromise\b(?!Like)|\basync\b|(?<![.\w])await\s+[\w(]|\bEffect\.(promise|tryPromise|runPromise)\b/,
    "promises cannot be simulated"
  ],
  [/\bHash(Map|Set)\b/, "iteration over hashes differs from run to run"],
  [/\bas any\b|\bas unknown as\b|@ts-(ignore|nocheck)/, "a cast hides what the compiler knows"]
]

interface Source {
  readonly path: string
  readonly text: string
  /** The text without comments. */
  readonly code: string
}

const sourcesIn = (directory: string): Array<Source> =>
  NodeFs.readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => {
      const path = NodePath.join(directory, name)
      const text = NodeFs.readFileSync(path, "utf8")
      return { path, text, code: withoutComments(text) }
    })

/** Blanks comments, keeping line numbers; strings are matched first so that `//` inside them stays. */
const withoutComments = (text: string): string =>
  text.replace(
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (match) => match.startsWith("/") ? match.replace(/[^\n]/g, " ") : match
  )

const withoutStrings = (code: string): string =>
  code.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, (match) => `"${" ".repeat(Math.max(0, match.length - 2))}"`)

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
  readonly line: number
}

const importsOf = (source: Source): Array<Import> => {
  const found: Array<Import> = []
  const pattern =
    /^\s*(import|export)(\s+type)?\b[^"';]*?\bfrom\s+"([^"]+)"|\bimport\("([^"]+)"\)|^\s*import\s+"([^"]+)"/gm
  for (const match of source.code.matchAll(pattern)) {
    found.push({
      specifier: (match[3] ?? match[4] ?? match[5])!,
      typeOnly: match[2] !== undefined,
      line: lineOf(source.code, match.index)
    })
  }
  return found
}

const packageOf = (path: string): string => path.split("/")[1]!

/** The layer of a file: its folder, the folder of Node's ports, `limits`, or `root` for the files of `src/` itself. */
const layerOf = (path: string): string => {
  if (path.startsWith(nodeFolder)) return "platform/node"
  const inside = path.split("/").slice(3)
  if (inside.length > 1) return inside[0]!
  return inside[0] === "limits.ts" ? "limits" : "root"
}

const resolveImport = (source: Source, specifier: string): string | undefined => {
  if (specifier.startsWith(".")) return NodePath.join(NodePath.dirname(source.path), specifier)
  const match = /^@millrace\/(\w+)(?:\/(.*))?$/.exec(specifier)
  if (match === null) return undefined
  const file = match[2] === undefined
    ? "index"
    : match[1] === "core" && match[2] === "node"
    ? "platform/node/index"
    : match[2]
  return `packages/${match[1]}/src/${file}.ts`
}

const checkImport = (source: Source, found: Import): string | undefined => {
  const own = packageOf(source.path)
  if (found.specifier.startsWith("node:") && own !== "testkit" && !source.path.startsWith(nodeFolder)) {
    return `${found.specifier}: only ${nodeFolder} imports Node's modules`
  }
  const target = resolveImport(source, found.specifier)
  if (target === undefined) return undefined
  const other = packageOf(target)
  if (other !== own) {
    return packages[own]!.includes(other) ? undefined : `${own} may not import ${other}`
  }
  const order = layers[own]!
  const from = order.indexOf(layerOf(source.path))
  const to = order.indexOf(layerOf(target))
  if (from < 0) return `the folder ${layerOf(source.path)} has no place in the layers of ${own}`
  return to > from ? `${layerOf(source.path)} may not import ${layerOf(target)}, which is above it` : undefined
}

const checkForbidden = (source: Source): Array<string> => {
  if (source.path.startsWith(nodeFolder) || packageOf(source.path) === "testkit") return []
  const found: Array<string> = []
  const code = withoutStrings(source.code)
  for (const [pattern, why] of forbidden) {
    for (const match of code.matchAll(new RegExp(pattern, "g"))) {
      found.push(`${source.path}:${lineOf(code, match.index)}: ${match[0].trim()}: ${why}`)
    }
  }
  return found
}

const checkDocumentation = (source: Source): Array<string> => {
  const found: Array<string> = []
  if (!/^\/\*\*[\s\S]*?\*\//.test(source.text)) found.push(`${source.path}:1: the file does not say what it is for`)
  const lines = source.text.split("\n")
  lines.forEach((line, index) => {
    const match = /^export (?:declare )?(?:abstract )?(?:const|let|class|interface|type|function\*?|namespace) (\w+)/
      .exec(line)
    if (match === null || isContinuation(lines, index, match[1]!)) return
    const before = lines[index - 1]?.trim()
    const comment = before === "*/"
      ? lines.slice(0, index).join("\n").slice(lines.slice(0, index).join("\n").lastIndexOf("/**"))
      : ""
    if (!comment.includes("@since")) found.push(`${source.path}:${index + 1}: ${match[1]} has no docstring with @since`)
  })
  return found
}

/** An overload, or the type that shares its name with the value above it. */
const isContinuation = (lines: ReadonlyArray<string>, index: number, name: string): boolean =>
  lines.slice(0, index).some((line) =>
    new RegExp(`^export (?:const|class|type|interface|function) ${name}\\b`).test(line)
  )

/** A cycle of imports that run (types may refer to each other), as the files on it. */
const findCycles = (sources: ReadonlyArray<Source>): Array<string> => {
  const edges = new Map<string, Array<string>>()
  for (const source of sources) {
    const targets = importsOf(source).filter((found) => !found.typeOnly).map((found) =>
      resolveImport(source, found.specifier)
    )
    edges.set(source.path, targets.filter((target) => target !== undefined))
  }
  const done = new Set<string>()
  const cycles: Array<string> = []
  const visit = (path: string, trail: ReadonlyArray<string>): void => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      cycles.push(`a cycle of imports: ${[...trail.slice(at), path].join(" → ")}`)
      return
    }
    if (done.has(path)) return
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const source of sources) visit(source.path, [])
  return cycles
}

/** Every broken rule of the packages below the current directory, one line each. */
export const check = (): Array<string> => {
  const sources = Object.keys(packages).flatMap((name) => sourcesIn(`packages/${name}/src`))
  const imports = sources.flatMap((source) =>
    importsOf(source).flatMap((found) => {
      const problem = checkImport(source, found)
      return problem === undefined ? [] : [`${source.path}:${found.line}: ${problem}`]
    })
  )
  return [
    ...imports,
    ...sources.flatMap(checkForbidden),
    ...sources.flatMap(checkDocumentation),
    ...findCycles(sources)
  ]
}
