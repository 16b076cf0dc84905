/**
 * Answers the questions of other instances.
 *
 * Keeps true: a connection has one question at a time; who does not read his answer is given no other; questions and answers,
 * connections and their idle time are limited; what cannot be read is answered by a typed failure, and the connection closed.
 * Leaves to others: answers (`LocalAnswers`), bytes of messages (`QueryProtocol`).
 *
 * @since 0.1.0
 */
import type * as Network from "@millrace/core/platform/Network"
import { FrameDecoder } from "@millrace/core/protocol/Frame"
import * as Message from "@millrace/core/protocol/Message"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as limits from "../../../limits.ts"
import type { LocalAnswers, Question } from "./LocalAnswers.ts"
import { QueryError } from "./QueryError.ts"
import * as QueryProtocol from "./QueryProtocol.ts"

/** What is sent for a question, and whether the connection goes on. */
interface Reply {
  readonly chunks: ReadonlyArray<Uint8Array>
  readonly goesOn: boolean
}

/**
 * Answers whoever connects, until the scope ends.
 *
 * @since 0.1.0
 */
export const serve = Effect.fnUntraced(function*(
  listener: Network.Listener,
  applicationId: string,
  answers: Pick<LocalAnswers, "answer">
): Effect.fn.Return<void, never, Scope.Scope> {
  const scope = yield* Effect.scope
  let open = 0
  const admit = (connection: Network.Connection): Effect.Effect<unknown> => {
    if (open >= limits.queryConnectionsMax) {
      return Effect.andThen(
        Effect.logWarning(`refused ${connection.remote}: ${open} instances ask, which is the limit`),
        connection.close
      )
    }
    open++
    return converse(connection, applicationId, answers).pipe(
      Effect.ignore,
      Effect.ensuring(Effect.suspend(() => {
        open--
        return connection.close
      })),
      Effect.forkIn(scope)
    )
  }
  yield* Effect.forkScoped(Effect.forever(
    Effect.matchEffect(listener.accept, {
      onSuccess: admit,
      onFailure: (error) =>
        error.reason === "Closed"
          ? Effect.never
          : Effect.andThen(Effect.logWarning("could not take a query", error), Effect.sleep(limits.retryBackoffMaxMs))
    })
  ))
})

/** Answers question after question, until there are no more. */
const converse = (
  connection: Network.Connection,
  applicationId: string,
  answers: Pick<LocalAnswers, "answer">
): Effect.Effect<void, Network.NetworkError> =>
  Effect.gen(function*() {
    const decoder = new FrameDecoder(limits.queryQuestionMaxBytes)
    while (true) {
      const chunk = yield* Effect.timeoutOrElse(connection.read, {
        duration: limits.queryConnectionIdleMaxMs,
        orElse: () => Effect.succeed(null)
      })
      if (chunk === null) return
      const { failure, frames } = decoder.push(chunk)
      for (const frame of frames) {
        const { chunks, goesOn } = yield* replyTo(frame, applicationId, answers)
        yield* connection.write(chunks)
        if (!goesOn) return
      }
      if (failure !== undefined) return yield* connection.write(unreadable(failure))
    }
  })

const replyTo = (
  frame: Uint8Array,
  applicationId: string,
  answers: Pick<LocalAnswers, "answer">
): Effect.Effect<Reply> => {
  const decoded = Message.attempt(() => QueryProtocol.decodeQuestion(frame))
  if (Result.isFailure(decoded)) return Effect.succeed({ chunks: unreadable(decoded.failure), goesOn: false })
  const question = decoded.success
  if (question.applicationId !== applicationId) {
    const detail = `this is an instance of ${applicationId}, not of ${question.applicationId}`
    return Effect.succeed({ chunks: QueryProtocol.encodeFailure(refusal(question, "Protocol", detail)), goesOn: false })
  }
  return answers.answer(question, (answer) => copied(QueryProtocol.encodeAnswer(answer))).pipe(
    Effect.map((chunks) => sizeOf(chunks) <= limits.queryAnswerMaxBytes ? chunks : tooLarge(question)),
    Effect.catch((failure) => Effect.succeed(QueryProtocol.encodeFailure(failure))),
    Effect.map((chunks): Reply => ({ chunks, goesOn: true }))
  )
}

/** Values belong to the store, which may change them before they are sent. */
const copied = (chunks: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> => chunks.map((chunk) => chunk.slice())

const sizeOf = (chunks: ReadonlyArray<Uint8Array>): number => chunks.reduce((sum, { length }) => sum + length, 0)

const refusal = ({ partition, store }: Question, reason: QueryError["reason"], detail: string) =>
  new QueryError({ reason, store, partition, detail })

const tooLarge = (question: Question) =>
  QueryProtocol.encodeFailure(
    refusal(question, "TooLarge", `the answer is larger than ${limits.queryAnswerMaxBytes} bytes`)
  )

const unreadable = ({ message: detail }: ProtocolError) =>
  QueryProtocol.encodeFailure(new QueryError({ reason: "Protocol", store: "", partition: -1, detail }))
