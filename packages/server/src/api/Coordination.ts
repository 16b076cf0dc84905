/**
 * What coordinators need to know of a request beside its body.
 *
 * @since 0.1.0
 */
import type { CoordinatorContext } from "../coordination/shard/RequestContext.ts"
import type { RequestContext } from "./Handler.ts"

/**
 * The host of a peer as Kafka stores it: an address behind a slash, without the port.
 */
const clientHost = (remote: string): string => {
  const colon = remote.lastIndexOf(":")
  const host = colon < 0 ? remote : remote.slice(0, colon)
  return `/${host.replace(/^\[|\]$/g, "")}`
}

/**
 * The context of a request, for a coordinator.
 *
 * @since 0.1.0
 */
export const coordinatorContext = ({ clientId, connection, version }: RequestContext): CoordinatorContext => ({
  apiVersion: version,
  clientId: clientId ?? "",
  clientHost: clientHost(connection.remote)
})
