/**
 * The words of the table language: what a field of a message is called, holds, and in which versions it is there.
 *
 * A table reads like Kafka's definitions: `throttleTimeMs: int32({ since: 1, ignorable: true })`. Versions are said only
 * where they differ from those of the message (or of the struct around the field).
 * Keeps true: a field's TypeScript types follow from its table, nothing is said twice.
 * Leaves to others: bytes (`MessageDecoder.ts`, `MessageEncoder.ts`).
 *
 * @since 0.1.0
 */

/**
 * The kinds of fields.
 *
 * @since 0.1.0
 */
export type Kind =
  | "boolean"
  | "int8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "float64"
  | "string"
  | "uuid"
  | "bytes"
  | "records"
  | "array"
  | "struct"

/**
 * What may be said of a field.
 *
 * - `since`, `until`: the first and the last version that have it.
 * - `nullable`: it may be null; `nullableSince`: from that version on.
 * - `default`: its value where it was left out or the version lacks it; otherwise 0, false, "", no bytes, an empty
 *   array, the zero uuid, null for records, and a struct of its fields' defaults.
 * - `tag`: it is a tagged field with this number, written only where it differs from its default.
 * - `ignorable`: where the version lacks it, a value is dropped; otherwise it is refused.
 * - `plain`: encoded the old way even in flexible versions.
 *
 * @since 0.1.0
 */
export interface Options<A> {
  readonly since?: number
  readonly until?: number
  readonly nullable?: true
  readonly nullableSince?: number
  readonly default?: A | null
  readonly tag?: number
  readonly ignorable?: true
  readonly plain?: true
}

/**
 * A field: what decoding gives, what encoding takes, and whether it may be left out.
 *
 * @since 0.1.0
 */
export interface Field<out T, out I, out Optional extends boolean> {
  readonly "~Type"?: T
  readonly "~Input"?: I
  readonly "~Optional"?: Optional
  readonly kind: Kind
  readonly options: Options<unknown>
  /** What an array holds. */
  readonly element: AnyField | undefined
  /** What a struct holds. */
  readonly fields: Fields | undefined
}

/**
 * Any field.
 *
 * @since 0.1.0
 */
export type AnyField = Field<unknown, unknown, boolean>

/**
 * The fields of a struct by name, in their order on the wire.
 *
 * @since 0.1.0
 */
export interface Fields {
  readonly [name: string]: AnyField
}

/**
 * A tagged field that the tables do not know; it is kept and written again.
 *
 * @since 0.1.0
 */
export interface UnknownTaggedField {
  readonly tag: number
  readonly data: Uint8Array
}

/**
 * What every struct may carry besides its fields: present only where there are any.
 *
 * @since 0.1.0
 */
export interface UnknownTaggedFields {
  readonly unknownTaggedFields?: ReadonlyArray<UnknownTaggedField>
}

type TypeOf<F> = F extends Field<infer T, unknown, boolean> ? T : never
type InputOf<F> = F extends Field<unknown, infer I, boolean> ? I : never
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<unknown, unknown, true> ? K : never
}[keyof F]
type Simplify<A> = { [K in keyof A]: A[K] } & {}

/**
 * What decoding a struct gives: every field, always.
 *
 * @since 0.1.0
 */
export type StructType<F extends Fields> = Simplify<{ readonly [K in keyof F]: TypeOf<F[K]> } & UnknownTaggedFields>

/**
 * What encoding a struct takes: fields with a default, tagged ones, and those that not every version has may be left out.
 *
 * @since 0.1.0
 */
export type StructInput<F extends Fields> = Simplify<
  & { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: InputOf<F[K]> }
  & { readonly [K in OptionalKeys<F>]?: InputOf<F[K]> | undefined }
  & UnknownTaggedFields
>

type Nullable<O, A> = O extends { readonly nullable: true } | { readonly nullableSince: number } ? A | null : A
type Optional<O> = keyof O & ("since" | "until" | "default" | "tag") extends never ? false : true
type None = Record<never, never>

const scalar = <A>(kind: Kind) =>
<const O extends Options<A> = None>(
  options?: O
): Field<Nullable<O, A>, Nullable<O, A>, Optional<O>> => ({
  kind,
  options: options ?? {},
  element: undefined,
  fields: undefined
})

/**
 * `true` or `false`; one byte.
 *
 * @since 0.1.0
 */
export const boolean = scalar<boolean>("boolean")

/**
 * A signed integer of one byte.
 *
 * @since 0.1.0
 */
export const int8 = scalar<number>("int8")

/**
 * A signed integer of two bytes.
 *
 * @since 0.1.0
 */
export const int16 = scalar<number>("int16")

/**
 * An unsigned integer of two bytes.
 *
 * @since 0.1.0
 */
export const uint16 = scalar<number>("uint16")

/**
 * A signed integer of four bytes.
 *
 * @since 0.1.0
 */
export const int32 = scalar<number>("int32")

/**
 * An unsigned integer of four bytes.
 *
 * @since 0.1.0
 */
export const uint32 = scalar<number>("uint32")

/**
 * A number: the nearest double. 2^63-1, Kafka's "no limit", reads as 2^63 and is written as 2^63-1 again.
 *
 * @since 0.1.0
 */
export const int64 = scalar<number>("int64")

/**
 * A double.
 *
 * @since 0.1.0
 */
export const float64 = scalar<number>("float64")

/**
 * Text, at most 32 767 bytes of UTF-8.
 *
 * @since 0.1.0
 */
export const string = scalar<string>("string")

/**
 * Kafka's text of 22 characters (`Uuid.ts`).
 *
 * @since 0.1.0
 */
export const uuid = scalar<string>("uuid")

/**
 * A view into the frame, never a copy.
 *
 * @since 0.1.0
 */
export const bytes = scalar<Uint8Array>("bytes")

/**
 * Record batches: a view into the frame that nothing looks into, null where nothing was said. Encoding also takes several
 * pieces that follow each other, so that what lies apart need not be copied together.
 *
 * @since 0.1.0
 */
export const records = <const O extends Options<Uint8Array> = None>(
  options?: O
): Field<
  Nullable<O, Uint8Array>,
  Nullable<O, Uint8Array | ReadonlyArray<Uint8Array>>,
  Optional<O>
> => ({
  kind: "records",
  options: options ?? {},
  element: undefined,
  fields: undefined
})

type ElementType<E> = E extends AnyField ? TypeOf<E> : E extends Fields ? StructType<E> : never
type ElementInput<E> = E extends AnyField ? InputOf<E> : E extends Fields ? StructInput<E> : never

const isField = (value: AnyField | Fields): value is AnyField => typeof value.kind === "string"

const structOf = (fields: Fields): AnyField => ({ kind: "struct", options: {}, element: undefined, fields })

/**
 * Many of one kind: `array(int32())`, or of structs: `array({ name: string() })`. Options come first.
 *
 * @since 0.1.0
 */
export const array: {
  <const E extends AnyField | Fields>(
    element: E
  ): Field<ReadonlyArray<ElementType<E>>, ReadonlyArray<ElementInput<E>>, false>
  <const O extends Options<never>, const E extends AnyField | Fields>(
    options: O,
    element: E
  ): Field<
    Nullable<O, ReadonlyArray<ElementType<E>>>,
    Nullable<O, ReadonlyArray<ElementInput<E>>>,
    Optional<O>
  >
} = (
  optionsOrElement: Options<unknown> | AnyField | Fields,
  element?: AnyField | Fields
): Field<never, never, never> => {
  const of = element ?? (optionsOrElement as AnyField | Fields)
  return {
    kind: "array",
    options: element === undefined ? {} : (optionsOrElement as Options<unknown>),
    element: isField(of) ? of : structOf(of),
    fields: undefined
  }
}

/**
 * Fields within a field: `struct({ leaderId: int32() })`. Options come first.
 *
 * @since 0.1.0
 */
export const struct: {
  <const F extends Fields>(fields: F): Field<StructType<F>, StructInput<F>, false>
  <const O extends Options<never>, const F extends Fields>(
    options: O,
    fields: F
  ): Field<Nullable<O, StructType<F>>, Nullable<O, StructInput<F>>, Optional<O>>
} = (optionsOrFields: Options<unknown> | Fields, fields?: Fields): Field<never, never, never> => ({
  kind: "struct",
  options: fields === undefined ? {} : (optionsOrFields as Options<unknown>),
  element: undefined,
  fields: fields ?? (optionsOrFields as Fields)
})

/**
 * Whether a version has the field.
 *
 * @since 0.1.0
 */
export const isIn = (field: AnyField, version: number): boolean =>
  version >= (field.options.since ?? 0) && version <= (field.options.until ?? Number.MAX_SAFE_INTEGER)

/**
 * Whether the field may be null in a version.
 *
 * @since 0.1.0
 */
export const isNullable = (field: AnyField, version: number): boolean =>
  field.options.nullable === true || version >= (field.options.nullableSince ?? Number.MAX_SAFE_INTEGER)

const noBytes = new Uint8Array(0)

/**
 * The value of a field that was left out, or that a version lacks. `exact` holds 64-bit integers in bigints.
 *
 * @since 0.1.0
 */
export const defaultOf = (field: AnyField, exact: boolean): unknown => {
  const given = field.options.default
  if (given !== undefined) {
    return exact && field.kind === "int64" && typeof given === "number" ? BigInt.asIntN(64, clip(given)) : given
  }
  switch (field.kind) {
    case "boolean":
      return false
    case "int64":
      return exact ? 0n : 0
    case "string":
      return ""
    case "uuid":
      return zeroUuid
    case "bytes":
      return noBytes
    case "records":
      return null
    case "array":
      return []
    case "struct":
      return defaultsOf(field.fields!, exact)
    default:
      return 0
  }
}

const zeroUuid = "AAAAAAAAAAAAAAAAAAAAAA"

const clip = (value: number): bigint => value >= 0x8000000000000000 ? 0x7fffffffffffffffn : BigInt(value)

/**
 * The struct with nothing set.
 *
 * @since 0.1.0
 */
export const defaultsOf = (fields: Fields, exact: boolean): Record<string, unknown> => {
  const result: Record<string, unknown> = {}
  for (const name in fields) result[name] = defaultOf(fields[name]!, exact)
  return result
}
