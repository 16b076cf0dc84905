/** A topology while it is made: its operations so far, and what they made that others can go on from. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Op } from "../../spec.ts"
import type { Random } from "../random.ts"
import { type Functions, functionsOf } from "./functions.ts"

/** The serde of values; what is neither text nor a long is only written. */
export type ValueType = "string" | "long" | "int" | "double" | "list:string"

/** What an operation made: a stream or a table, of keys that are text unless a serde of windows is told. */
export interface Node {
  readonly id: string
  readonly is: "stream" | "table"
  readonly value: ValueType
  readonly windowed?: string | undefined
  /** Whether its keys are in windows and nothing says of what serde: then Kafka's suppress has none for them. */
  readonly isOfUnknownKeys?: boolean | undefined
  readonly versioned?: boolean
}

/** A stream of texts. */
export const text = { is: "stream", value: "string" } as const

/** The serde of its keys. */
export const keySerde = ({ windowed }: Pick<Node, "windowed">): string => windowed ?? "string"

const isRead = ({ value }: Node): boolean => value === "string" || value === "long"

/** Takes operations one after the other. `throws`: some of their functions do. */
export class Draft {
  readonly random: Random
  readonly functions: Functions
  readonly ops: Array<Op> = []
  readonly serdes: Record<string, { key: string; value: string }> = {}
  /** The topics that are fed, and the serdes of their values. */
  readonly inputs = new Map<string, "string" | "long">()
  /** Names of global stores. */
  readonly globalStores: Array<string> = []
  readonly #nodes: Array<Node> = []
  readonly #read = new Set<string>()
  #ids = 0
  #names = 0

  constructor(random: Random, throws: boolean) {
    this.random = random
    this.functions = functionsOf(throws)
  }

  /** A name that nothing has. */
  fresh(prefix: string): string {
    return `${prefix}${this.#names++}`
  }

  /** The name of an operation, at this rate. */
  name(chance: number, prefix = "nm"): { readonly name?: string } {
    return this.random.chance(chance) ? { name: this.fresh(`${prefix}-`) } : {}
  }

  /** Adds an operation, and the node that it makes; its id. */
  add(op: string, fields: Erased, node?: Omit<Node, "id">): string {
    const id = `n${this.#ids++}`
    this.ops.push({ op, ...fields, id })
    if (node !== undefined) this.addNode({ ...node, id })
    return id
  }

  addNode(node: Node): void {
    this.#nodes.push(node)
  }

  /** A stream of plain keys. */
  stream(): Node | undefined {
    return this.#any("stream", ({ windowed }) => windowed === undefined)
  }

  /** A stream of keys in windows. */
  windowedStream(): Node | undefined {
    return this.#any("stream", ({ windowed }) => windowed !== undefined)
  }

  /** A table, of any keys. */
  anyTable(accepts: (node: Node) => boolean = () => true): Node | undefined {
    return this.#any("table", accepts)
  }

  /** A table of plain keys. */
  table(accepts: (node: Node) => boolean = () => true): Node | undefined {
    return this.#any("table", (node) => node.windowed === undefined && accepts(node))
  }

  /** The last one or any other, which counts as read from now on. */
  #any(is: Node["is"], accepts: (node: Node) => boolean): Node | undefined {
    const choices = this.#nodes.filter((node) => node.is === is && isRead(node) && accepts(node))
    if (choices.length === 0) return undefined
    const node = this.random.chance(0.6) ? choices.at(-1)! : this.random.pick(choices)
    this.#read.add(node.id)
    return node
  }

  /** What nothing has read. */
  unread(): ReadonlyArray<Node> {
    return this.#nodes.filter(({ id }) => !this.#read.has(id))
  }
}
