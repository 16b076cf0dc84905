/**
 * The limits of client: every bound on queues, buffers, caches and loops, by name, with its unit and default.
 *
 * @since 0.1.0
 */
