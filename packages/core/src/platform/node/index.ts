/**
 * Node's side of the ports: the only entry point that touches sockets, files, threads and signals.
 *
 * @since 0.1.0
 */
export * as NodeCompression from "./NodeCompression.ts"
export * as NodeDisk from "./NodeDisk.ts"
export * as NodeNetwork from "./NodeNetwork.ts"
export * as NodePlatform from "./NodePlatform.ts"
export * as NodeStoreEngine from "./NodeStoreEngine.ts"
