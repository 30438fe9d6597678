/**
 * Takes or refuses one call, as `MemoryLimitStore` does, in one step for all replicas.
 *
 * KEYS: what was spent; the open calls by when they count as lost.
 * ARGV: now, rpm, tpm, maxConcurrency (-1: none), tokens, call id, when it counts as lost.
 * Answers what it is refused by ('' when taken), then ms to wait, or requests left (-1: no limit).
 */
export const takeScript = `
  local now, rpm, tpm, most, asked = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
  local kept = redis.call('HMGET', KEYS[1], 'requests', 'tokens', 'at')
  local at = tonumber(kept[3]) or now
  local elapsed = math.max(0, now - at)
  local function left(amount, limit)
    if limit < 0 then return 0 end
    return math.max(0, (tonumber(amount) or 0) - elapsed * limit / 60000)
  end
  local function wait(spent, limit, amount)
    if limit < 0 then return 0 end
    return math.max(0, math.ceil((spent + math.min(amount, limit) - limit) * 60000 / limit - 1e-6))
  end
  local requests, tokens = left(kept[1], rpm), left(kept[2], tpm)
  local rpmMs, tpmMs = wait(requests, rpm, 1), wait(tokens, tpm, asked)
  if rpmMs > 0 and rpmMs >= tpmMs then return { 'rpm', rpmMs } end
  if tpmMs > 0 then return { 'tpm', tpmMs } end
  if most >= 0 then
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
    if redis.call('ZCARD', KEYS[2]) >= most then return { 'maxConcurrency', 0 } end
    redis.call('ZADD', KEYS[2], ARGV[7], ARGV[6])
    redis.call('PEXPIRE', KEYS[2], 7200000)
  end
  requests = requests + 1
  tokens = tokens + asked
  redis.call('HSET', KEYS[1], 'requests', tostring(requests), 'tokens', tostring(tokens), 'at', tostring(math.max(at, now)))
  redis.call('PEXPIRE', KEYS[1], 3600000)
  if rpm < 0 then return { '', -1 } end
  return { '', math.floor(math.max(0, rpm - requests)) }
`;

/** Ends a call. KEYS as above; ARGV: tokens used less tokens set aside, call id. */
export const settleScript = `
  local kept = redis.call('HGET', KEYS[1], 'tokens')
  if kept then
    redis.call('HSET', KEYS[1], 'tokens', tostring(math.max(0, tonumber(kept) + tonumber(ARGV[1]))))
  end
  redis.call('ZREM', KEYS[2], ARGV[2])
`;
