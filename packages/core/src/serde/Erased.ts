/**
 * What the types of a topology's author were, where they are data: a runtime, a resolver or a test that reads nodes of any
 * type cannot name it, and checked nothing by pretending to.
 *
 * @since 0.1.0
 */

/**
 * A key, a value, an error or a requirement of a type that is not known any more.
 *
 * @since 0.1.0
 */
export type Erased = any // oxlint-disable-line typescript/no-explicit-any
