/** How calls to providers are made. */
export interface UpstreamOptions {
  /** Whether private addresses may be called; link-local and metadata addresses never are. Default `allow`. */
  readonly privateUpstreams?: 'allow' | 'deny';
  /** To open a connection, ms, > 0. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** From the request to the headers of its answer, ms, > 0. Default 60 s. */
  readonly firstByteTimeoutMs?: number;
  /** From the request to the first output of a stream, however many signs of life come before, ms, >= 0. Default 120 s; 0: without end. */
  readonly firstOutputTimeoutMs?: number;
  /**
   * Tokens per second below which a stream that begins is slow, >= 0. Until it is known, a stream is held back: for as long as
   * it takes to write what the floor allows for the window, and no longer than the window. Default 0: no stream is.
   */
  readonly streamFloorTokensPerSecond?: number;
  /** How long a stream that begins is looked at, from its first output, ms, > 0. Default 2 s. */
  readonly streamWindowMs?: number;
  /** The longest silence inside an answer, ms, > 0. Default 60 s. */
  readonly idleTimeoutMs?: number;
  /** Connections to one origin, >= 1; further calls wait for one. Default 2,048. */
  readonly maxConnectionsPerOrigin?: number;
  /** The largest answer that is no stream, bytes, >= 1. Default 64 MiB. */
  readonly maxBodyBytes?: number;
}

/** What is meant where an option is left out. */
const upstreamDefaults: Required<UpstreamOptions> = {
  privateUpstreams: 'allow',
  connectTimeoutMs: 10_000,
  firstByteTimeoutMs: 60_000,
  firstOutputTimeoutMs: 120_000,
  streamFloorTokensPerSecond: 0,
  streamWindowMs: 2_000,
  idleTimeoutMs: 60_000,
  maxConnectionsPerOrigin: 2_048,
  maxBodyBytes: 64 * 1_024 * 1_024,
};

/**
 * Fills the gaps of the options.
 *
 * @throws RangeError for a number that is not whole and above 0 (those that 0 turns off: 0 or above)
 */
export function completeOptions(options: UpstreamOptions): Required<UpstreamOptions> {
  const complete = { ...upstreamDefaults, ...options };
  for (const name of [
    'connectTimeoutMs',
    'firstByteTimeoutMs',
    'streamWindowMs',
    'idleTimeoutMs',
    'maxConnectionsPerOrigin',
    'maxBodyBytes',
  ] as const) {
    const value = complete[name];
    if (!Number.isInteger(value) || value <= 0)
      throw new RangeError(`${name} must be a whole number > 0, not ${value}`);
  }
  for (const name of ['firstOutputTimeoutMs', 'streamFloorTokensPerSecond'] as const) {
    const value = complete[name];
    if (!Number.isInteger(value) || value < 0)
      throw new RangeError(`${name} must be a whole number >= 0, not ${value}`);
  }
  return complete;
}
