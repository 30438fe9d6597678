const member = '"usage"';
const comma = 0x2c;
const colon = 0x3a;
const space = 0x20;

/**
 * Takes `"usage":null` out of chunks: a provider that was asked for the usage of a stream writes it into every chunk but the
 * last. Inside a text quotes are escaped, so no words of a model are taken for it.
 *
 * @returns the same bytes where there is none
 */
export function withoutNullUsage(events: Buffer): Buffer {
  let at = events.indexOf(member, 0, 'latin1');
  if (at === -1) return events;
  const kept: Buffer[] = [];
  let from = 0;
  for (; at !== -1; at = events.indexOf(member, at + member.length, 'latin1')) {
    const end = endOfNull(events, at + member.length);
    if (end === -1) continue;
    const start = before(events, at);
    // With the comma before it; of a first member, with the one behind.
    const isFirst = start === at;
    kept.push(events.subarray(from, start));
    from = isFirst && events[end] === comma ? end + 1 : end;
  }
  if (from === 0) return events;
  kept.push(events.subarray(from));
  return Buffer.concat(kept);
}

/** @returns the position behind a `null` that is the value of the key ending at `from`; -1 for another value */
function endOfNull(events: Buffer, from: number): number {
  let at = from;
  while (events[at] === colon || events[at] === space) at += 1;
  const isNull =
    events[at] === 0x6e && events[at + 1] === 0x75 && events[at + 2] === 0x6c && events[at + 3] === 0x6c;
  return at > from && isNull ? at + 4 : -1;
}

/** @returns where the comma before a key stands; the key's own position where there is none */
function before(events: Buffer, key: number): number {
  let at = key - 1;
  while (events[at] === space) at -= 1;
  return events[at] === comma ? at : key;
}
