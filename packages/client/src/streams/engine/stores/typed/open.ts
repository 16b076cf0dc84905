/**
 * Opens a task's store in the kind that its handle says.
 *
 * @since 0.1.0
 */
import { formatOf, isOfShape } from "@millrace/core/streams/logical/store"
import { ProcessorError } from "@millrace/core/streams/ProcessorError"
import type * as StateStore from "@millrace/core/streams/StateStore"
import type { Context } from "../../Flow.ts"
import type { TaskStore } from "../../TaskStores.ts"
import * as TypedKeyValueStore from "./TypedKeyValueStore.ts"
import * as TypedSessionStore from "./TypedSessionStore.ts"
import * as TypedVersionedStore from "./TypedVersionedStore.ts"
import * as TypedWindowStore from "./TypedWindowStore.ts"

/**
 * The store; throws `ProcessorError` if it is of another kind.
 *
 * @since 0.1.0
 */
export const open = (found: TaskStore, handle: StateStore.Any, context: Context, isReadOnly: boolean): unknown => {
  const { definition, store } = found
  const { name } = handle
  const { shape } = handle.definition
  const format = formatOf(shape)
  if (!isOfShape(definition, shape)) throw wrongKind(found, handle, context)
  const { key, value } = definition
  const opening = { name, key, value, format, context, isReadOnly }
  switch (store.kind) {
    case "keyValue":
      return TypedKeyValueStore.open(store, opening, definition.type === "persistent")
    case "window":
      return TypedWindowStore.open(store, opening, definition._tag === "Window" ? definition.windowSizeMs : 0)
    case "versioned":
      return TypedVersionedStore.open(store, opening)
    case "session":
      return TypedSessionStore.open(store, opening)
    default:
      throw wrongKind(found, handle, context)
  }
}

const wrongKind = ({ definition }: TaskStore, { definition: { shape }, name }: StateStore.Any, context: Context) => {
  return new ProcessorError({
    reason: "WrongStore",
    processor: context.node,
    detail: `the store ${name} is ${definition._tag} ${formatOf(definition)}, and its handle says ${shape._tag} ${
      formatOf(shape)
    }`,
    hint: "use a handle of the store's kind; the stores of tables are timestamped"
  })
}
