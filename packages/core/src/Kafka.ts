/**
 * Which cluster: the addresses where it is found first, and how its connections are secured.
 *
 * Keeps true: there is at least one address, and a security setting that cannot be honoured is refused here
 * rather than ignored.
 * Leaves to others: connecting (`Cluster` in client), and being the cluster (`Broker` in server).
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Network from "./platform/Network.ts"

/**
 * How connections are secured. SASL is not there yet: `layerConfig` refuses it.
 *
 * @since 0.1.0
 */
export type Security =
  | { readonly protocol: "PLAINTEXT" }
  | { readonly protocol: "SSL"; readonly tls: Network.Tls }

/**
 * What is wrong with the description of a cluster; `setting` is the environment variable or option.
 *
 * @since 0.1.0
 */
export class KafkaConfigError extends Data.TaggedError("KafkaConfigError")<{
  readonly reason: "InvalidBootstrapServers" | "InvalidSecurityProtocol" | "InvalidTls" | "SaslUnsupported"
  readonly setting: string
  readonly detail: string
  readonly hint: string
}> {
  override get message(): string {
    return `${this.detail} (${this.setting}); ${this.hint}`
  }
}

/**
 * Which cluster an application talks to.
 *
 * @since 0.1.0
 */
export class Kafka extends Context.Service<Kafka, {
  /** Where the cluster is found first; never empty. */
  readonly bootstrapServers: ReadonlyArray<Network.Address>
  readonly security: Security
}>()("@millrace/core/Kafka") {}

/**
 * What `layer` takes: addresses as text (`host:port`, several with commas between them, or as a list) or as values.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly bootstrapServers: string | ReadonlyArray<string | Network.Address>
  readonly security?: Security | undefined
}

const invalidServers = (detail: string) =>
  new KafkaConfigError({
    reason: "InvalidBootstrapServers",
    setting: "KAFKA_BOOTSTRAP_SERVERS",
    detail,
    hint: "give host:port, several with commas between them"
  })

const parseServers = Effect.fnUntraced(function*(servers: Options["bootstrapServers"]) {
  const parts = typeof servers === "string" ? servers.split(",").filter((part) => part.trim() !== "") : servers
  const addresses: Array<Network.Address> = []
  for (const part of parts) {
    const address = typeof part === "string" ? Network.parseAddress(part) : part
    if (address === undefined) return yield* invalidServers(`not an address: ${JSON.stringify(part)}`)
    addresses.push(address)
  }
  if (addresses.length === 0) return yield* invalidServers("no address given")
  return addresses
})

/**
 * Names the cluster in code. A malformed address is a `KafkaConfigError`.
 *
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<Kafka, KafkaConfigError> =>
  Layer.effect(
    Kafka,
    Effect.map(
      parseServers(options.bootstrapServers),
      (bootstrapServers) => ({ bootstrapServers, security: options.security ?? { protocol: "PLAINTEXT" } })
    )
  )

const optionalText = (name: string) => Config.option(Config.String(name))

/** The TLS settings, named as Kafka's PEM settings are (`ssl.truststore.certificates` and so on). */
const tlsConfig = Config.all({
  ca: optionalText("KAFKA_SSL_TRUSTSTORE_CERTIFICATES"),
  certificate: optionalText("KAFKA_SSL_KEYSTORE_CERTIFICATE_CHAIN"),
  key: Config.option(Config.Redacted("KAFKA_SSL_KEYSTORE_KEY")),
  passphrase: Config.option(Config.Redacted("KAFKA_SSL_KEY_PASSWORD")),
  identification: optionalText("KAFKA_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM")
})

const readTls = Effect.fnUntraced(function*() {
  const settings = yield* tlsConfig
  if (Option.isSome(settings.certificate) !== Option.isSome(settings.key)) {
    return yield* new KafkaConfigError({
      reason: "InvalidTls",
      setting: "KAFKA_SSL_KEYSTORE_KEY",
      detail: "a client certificate needs its key, and a key its certificate",
      hint: "set KAFKA_SSL_KEYSTORE_CERTIFICATE_CHAIN and KAFKA_SSL_KEYSTORE_KEY, both as PEM"
    })
  }
  const algorithm = Option.getOrElse(settings.identification, () => "https").trim().toLowerCase()
  if (algorithm !== "https" && algorithm !== "") {
    return yield* new KafkaConfigError({
      reason: "InvalidTls",
      setting: "KAFKA_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM",
      detail: `unknown algorithm: ${algorithm}`,
      hint: "use https to check the server's name, or nothing to trust any name"
    })
  }
  const tls: Network.Tls = {
    ...(Option.isSome(settings.ca) && { ca: settings.ca.value }),
    ...(Option.isSome(settings.certificate) && { certificate: settings.certificate.value }),
    ...(Option.isSome(settings.key) && { key: Redacted.value(settings.key.value) }),
    ...(Option.isSome(settings.passphrase) && { passphrase: Redacted.value(settings.passphrase.value) }),
    verifyHost: algorithm === "https"
  }
  return tls
})

const saslUnsupported = (setting: string) =>
  new KafkaConfigError({
    reason: "SaslUnsupported",
    setting,
    detail: "SASL is not supported yet",
    hint: "use PLAINTEXT or SSL; a client certificate authenticates over SSL"
  })

const saslSettings = ["KAFKA_SASL_MECHANISM", "KAFKA_SASL_JAAS_CONFIG", "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"]

const readSecurity = Effect.fnUntraced(function*() {
  const protocol = (yield* Config.String("KAFKA_SECURITY_PROTOCOL").pipe(Config.withDefault("PLAINTEXT"))).trim()
    .toUpperCase()
  if (protocol === "SASL_PLAINTEXT" || protocol === "SASL_SSL") return yield* saslUnsupported("KAFKA_SECURITY_PROTOCOL")
  for (const setting of saslSettings) {
    if (Option.isSome(yield* Config.option(Config.Redacted(setting)))) return yield* saslUnsupported(setting)
  }
  if (protocol === "PLAINTEXT") return { protocol } satisfies Security
  if (protocol === "SSL") return { protocol, tls: yield* readTls() } satisfies Security
  return yield* new KafkaConfigError({
    reason: "InvalidSecurityProtocol",
    setting: "KAFKA_SECURITY_PROTOCOL",
    detail: `unknown protocol: ${protocol}`,
    hint: "use PLAINTEXT or SSL"
  })
})

/**
 * Reads the cluster from the configuration: `KAFKA_BOOTSTRAP_SERVERS`, `KAFKA_SECURITY_PROTOCOL` (PLAINTEXT by
 * default, or SSL) and the PEM settings `KAFKA_SSL_TRUSTSTORE_CERTIFICATES`, `KAFKA_SSL_KEYSTORE_CERTIFICATE_CHAIN`,
 * `KAFKA_SSL_KEYSTORE_KEY`, `KAFKA_SSL_KEY_PASSWORD`, `KAFKA_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM`.
 * SASL settings are refused with `KafkaConfigError` (reason `SaslUnsupported`).
 *
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<Kafka, KafkaConfigError | Config.ConfigError> = Layer.effect(
  Kafka,
  Effect.gen(function*() {
    const bootstrapServers = yield* parseServers(yield* Config.String("KAFKA_BOOTSTRAP_SERVERS"))
    const security: Security = yield* readSecurity()
    return { bootstrapServers, security }
  })
)
