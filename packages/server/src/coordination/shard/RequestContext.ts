/**
 * What a coordinator needs to know of a request beside its body.
 *
 * @since 0.1.0
 */

/**
 * The version that the body was read in, and who sent it. `clientHost` is as Kafka stores it: "/127.0.0.1".
 *
 * @since 0.1.0
 */
export interface CoordinatorContext {
  readonly apiVersion: number
  readonly clientId: string
  readonly clientHost: string
}
