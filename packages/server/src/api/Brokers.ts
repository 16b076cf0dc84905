/**
 * Where clients find a broker.
 *
 * @since 0.1.0
 */
import type { Endpoint, MetadataImage } from "../coordination/controller/MetadataImage.ts"

/**
 * The address of a broker on a listener; undefined if it is not registered there.
 *
 * @since 0.1.0
 */
export const endpointOf = (image: MetadataImage, id: number, listener: string): Endpoint | undefined =>
  image.brokers.get(id)?.endpoints.find(({ name }) => name === listener)

/**
 * A broker, and its address on one listener.
 *
 * @since 0.1.0
 */
export interface BrokerAddress {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  readonly fenced: boolean
}

/**
 * The brokers that are known on a listener, fenced ones only if asked for.
 *
 * @since 0.1.0
 */
export const brokersOf = (image: MetadataImage, listener: string, withFenced = false): ReadonlyArray<BrokerAddress> =>
  [...image.brokers.values()].flatMap(({ fenced, id, rack }) => {
    const endpoint = endpointOf(image, id, listener)
    return endpoint === undefined || (fenced && !withFenced)
      ? []
      : [{ id, host: endpoint.host, port: endpoint.port, rack, fenced }]
  })
