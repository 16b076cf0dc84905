/**
 * Asks other instances: connections to them, kept while they are used.
 *
 * Keeps true: a question has its answer, or a typed failure, within its time; a connection on which something went wrong is
 * closed, and no other question sees what was left on it. Peers, connections to each, and answers are limited in number and size.
 * Leaves to others: whom to ask, and asking again (`QueryRouter`).
 *
 * @since 0.1.0
 */
import * as Network from "@millrace/core/platform/Network"
import { FrameDecoder } from "@millrace/core/protocol/Frame"
import * as Message from "@millrace/core/protocol/Message"
import type { ProtocolError } from "@millrace/core/protocol/ProtocolError"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Semaphore from "effect/Semaphore"
import * as limits from "../../../limits.ts"
import type { Answer, Question } from "./LocalAnswers.ts"
import { QueryError, type QueryFailure } from "./QueryError.ts"
import * as QueryProtocol from "./QueryProtocol.ts"

/** A connection between questions, or with one under way. */
interface Line {
  readonly connection: Network.Connection
  readonly decoder: FrameDecoder
}

/** Another instance. */
interface Peer {
  readonly idle: Array<Line>
  readonly room: Semaphore.Semaphore
  /** How many ask it, or wait to. */
  askers: number
}

/**
 * The other instances of an app.
 *
 * @since 0.1.0
 */
export class QueryPeers {
  private readonly network: Network.Network["Service"]
  private readonly applicationId: string
  private readonly tls: Network.Tls | undefined
  /** By address; those asked last are at the end. */
  private readonly peers = new Map<string, Peer>()

  constructor(network: Network.Network["Service"], applicationId: string, tls?: Network.Tls) {
    this.network = network
    this.applicationId = applicationId
    this.tls = tls
  }

  /** Closes connections that nobody uses. */
  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    const lines = [...this.peers.values()].flatMap(({ idle }) => idle.splice(0))
    return Effect.forEach(lines, ({ connection }) => connection.close, { discard: true })
  })

  /** Asks an instance. */
  ask(address: Network.Address, question: Question): Effect.Effect<Answer, QueryFailure> {
    return Effect.suspend(() => {
      const encoded = Message.attempt(() => QueryProtocol.encodeQuestion(this.applicationId, question))
      if (encoded._tag === "Failure") return Effect.fail(malformed(address, question, encoded.failure))
      const peer = this.peerOf(Network.formatAddress(address))
      peer.askers++
      return peer.room.withPermits(1)(this.exchange(peer, address, question, encoded.success)).pipe(
        Effect.timeoutOrElse({
          duration: question.waitMs + limits.queryAttemptMaxMs,
          orElse: () => Effect.fail(unreachable(address, question, "it did not answer in time"))
        }),
        Effect.ensuring(Effect.sync(() => void peer.askers--))
      )
    })
  }

  private peerOf(name: string): Peer {
    const peer = this.peers.get(name) ??
      { idle: [], room: Semaphore.makeUnsafe(limits.queriesPerPeerMax), askers: 0 }
    this.peers.delete(name)
    this.peers.set(name, peer)
    return peer
  }

  /** Connections to those not asked for the longest time, beyond the limit, end. */
  private forget(): Effect.Effect<void> {
    const lines: Array<Line> = []
    for (const [name, { askers, idle }] of this.peers) {
      if (this.peers.size <= limits.queryPeersMax) break
      if (askers > 0) continue
      lines.push(...idle)
      this.peers.delete(name)
    }
    return Effect.forEach(lines, ({ connection }) => connection.close, { discard: true })
  }

  private exchange(
    peer: Peer,
    address: Network.Address,
    question: Question,
    chunks: ReadonlyArray<Uint8Array>
  ): Effect.Effect<Answer, QueryFailure> {
    return Effect.uninterruptibleMask((restore) => {
      const on = (line: Line) => this.kept(peer, line, restore(talk(line, address, question, chunks)))
      const fresh = Effect.flatMap(restore(this.connect(address, question)), on)
      const idle = peer.idle.pop()
      if (idle === undefined) return fresh
      // the other side may have closed what was not used for a while
      return Effect.catch(
        on(idle),
        (failure) => failure._tag === "QueryError" && failure.reason === "Unreachable" ? fresh : Effect.fail(failure)
      )
    })
  }

  private connect(address: Network.Address, question: Question): Effect.Effect<Line, QueryError> {
    return this.forget().pipe(
      Effect.andThen(this.network.connect(address, { tls: this.tls })),
      Effect.map((connection): Line => ({ connection, decoder: new FrameDecoder(limits.queryAnswerMaxBytes) })),
      Effect.mapError((cause) => unreachable(address, question, cause.message, cause))
    )
  }

  /** Keeps the connection for the next question if all went well, and closes it otherwise. */
  private kept(
    peer: Peer,
    line: Line,
    talking: Effect.Effect<Answer | QueryFailure, QueryError>
  ): Effect.Effect<Answer, QueryFailure> {
    return talking.pipe(
      Effect.onExit((exit) => {
        if (Exit.isFailure(exit) || isRefused(exit.value)) return line.connection.close
        peer.idle.push(line)
        return Effect.void
      }),
      Effect.flatMap((answer): Effect.Effect<Answer, QueryFailure> =>
        "_tag" in answer ? Effect.fail(answer) : Effect.succeed(answer)
      )
    )
  }
}

/** One question, and what answers it. */
const talk = (
  { connection, decoder }: Line,
  address: Network.Address,
  question: Question,
  chunks: ReadonlyArray<Uint8Array>
): Effect.Effect<Answer | QueryFailure, QueryError> =>
  connection.write(chunks).pipe(
    Effect.andThen(answerFrame(connection, decoder)),
    Effect.mapError((cause) =>
      cause._tag === "ProtocolError"
        ? malformed(address, question, cause)
        : unreachable(address, question, cause.message, cause)
    ),
    Effect.flatMap((frame) =>
      frame === undefined
        ? Effect.fail(unreachable(address, question, "it closed the connection"))
        : Effect.mapError(
          Effect.fromResult(Message.attempt(() => QueryProtocol.decodeAnswer(frame, question))),
          (cause) => malformed(address, question, cause)
        )
    )
  )

/** After such an answer the other side closes the connection. */
const isRefused = (answer: Answer | QueryFailure): boolean =>
  "_tag" in answer && answer._tag === "QueryError" && answer.reason === "Protocol"

/** The next frame; undefined if the other side has closed the connection. */
const answerFrame = (
  connection: Network.Connection,
  decoder: FrameDecoder
): Effect.Effect<Uint8Array | undefined, Network.NetworkError | ProtocolError> =>
  Effect.flatMap(connection.read, (chunk) => {
    if (chunk === null) return Effect.undefined
    const { failure, frames } = decoder.push(chunk)
    if (frames.length > 0) return Effect.succeed(frames[0])
    return failure === undefined ? answerFrame(connection, decoder) : Effect.fail(failure)
  })

const unreachable = (address: Network.Address, { partition, store }: Question, detail: string, cause?: unknown) =>
  new QueryError({
    reason: "Unreachable",
    store,
    partition,
    detail: `${Network.formatAddress(address)} cannot be asked: ${detail}`,
    cause
  })

const malformed = (address: Network.Address, { partition, store }: Question, cause: ProtocolError) =>
  new QueryError({
    reason: "Protocol",
    store,
    partition,
    detail: `${Network.formatAddress(address)} cannot be understood: ${cause.message}`,
    cause
  })
