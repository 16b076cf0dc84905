/**
 * Records that the broker refuses for what they are: too large for their topic, or invalid. The app's production handler is
 * asked about those of sinks; what it lets pass is counted, and a dead letter is sent.
 *
 * Keeps true: what belongs to the app's own topics is never let pass, for then state would be lost without a word.
 * Leaves to others: records that cannot be written in the first place (`ErrorHandling`). With exactly-once a refusal ends the
 * transaction, and the app.
 *
 * @since 0.1.0
 */
import * as KafkaError from "@millrace/core/errors/KafkaError"
import type { Compression } from "@millrace/core/records/Compression"
import { RecordCursor } from "@millrace/core/records/RecordCursor"
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import type { ProducerError } from "../../producer/ProducerError.ts"
import * as DeadLetters from "../engine/errors/DeadLetters.ts"
import type { ErrorHandlerContext, ExceptionHandlers } from "../engine/errors/ExceptionHandlers.ts"
import type { Output } from "../engine/Flow.ts"

/** Whether a record was refused for what it is, and not for how the cluster is. */
const isOwnFault = ({ cause, reason }: ProducerError): boolean =>
  reason === "TooLarge" || KafkaError.is("INVALID_RECORD", "INVALID_TIMESTAMP")(cause)

/**
 * The refusals that the handlers of one thread are asked about.
 *
 * @since 0.1.0
 */
export class RefusedRecords {
  /** How many records were let pass. */
  dropped = 0
  private readonly handlers: ExceptionHandlers
  private readonly codecs: Compression["Service"]
  /** The names of sinks by their topics; undefined: topics are chosen per record. */
  private readonly sinks: ReadonlyMap<string | undefined, string>
  private readonly internal: ReadonlySet<string>
  private readonly output: Output

  constructor(topology: ResolvedTopology, handlers: ExceptionHandlers, codecs: Compression["Service"], output: Output) {
    this.handlers = handlers
    this.codecs = codecs
    this.output = output
    const { changelogTopics, nodes, repartitionTopics } = topology
    this.internal = new Set([...changelogTopics, ...repartitionTopics].map(({ topic }) => topic))
    this.sinks = new Map(
      nodes.flatMap((node) =>
        node._tag === "Sink" ? [[typeof node.topic === "string" ? node.topic : undefined, node.name] as const] : []
      )
    )
  }

  /** Whether all records of a batch may be lost; not if the handler itself fails. */
  forgives(topic: string, bytes: Uint8Array, error: ProducerError): boolean {
    const { productionExceptionHandler: handler = "fail" } = this.handlers
    const processorNodeId = this.sinks.get(topic) ?? this.sinks.get(undefined)
    if (handler === "fail" || processorNodeId === undefined || this.internal.has(topic) || !isOwnFault(error)) {
      return false
    }
    const cursor = new RecordCursor(this.codecs)
    let isForgiven = true
    try {
      cursor.openUnsafe(bytes, 0)
      while (cursor.next()) {
        const where = { ...nowhere, timestamp: cursor.timestamp, headers: cursor.headers(), processorNodeId }
        isForgiven = this.settle(where, { topic, key: cursor.key(), value: cursor.value() }, error) && isForgiven
      }
    } catch {
      return false
    }
    return isForgiven
  }

  private settle(
    where: ErrorHandlerContext,
    record: { readonly topic: string; readonly key: Uint8Array | null; readonly value: Uint8Array | null },
    error: ProducerError
  ): boolean {
    const { deadLetterQueueTopic, productionExceptionHandler: handler = "fail" } = this.handlers
    const response = typeof handler === "string" ? handler : handler(where, record, error)
    const letters = typeof response === "object"
      ? response.deadLetters
      : deadLetterQueueTopic === undefined || record.topic === deadLetterQueueTopic
      ? []
      : [DeadLetters.make(deadLetterQueueTopic, where, error)]
    for (const { headers, key, timestamp, topic, value } of letters) {
      this.output.send(topic, -1, key, value, timestamp, headers)
    }
    const isForgiven = (typeof response === "object" ? response.verdict : response) === "continue"
    if (isForgiven) this.dropped++
    return isForgiven
  }
}

/** The task has gone on, and what the record was made of is not known any more. */
const nowhere = {
  topic: null,
  partition: -1,
  offset: -1,
  taskId: "",
  sourceRawKey: null,
  sourceRawValue: null
}
