/**
 * Whether two texts are the same, in a time that depends on their lengths alone: it tells nobody how much of a guess was
 * right. Without making buffers for `timingSafeEqual`, which costs ten times as much.
 */
export function isSameText(known: string, presented: string): boolean {
  if (known.length !== presented.length) return false;
  let difference = 0;
  for (let at = 0; at < known.length; at += 1) difference |= known.charCodeAt(at) ^ presented.charCodeAt(at);
  return difference === 0;
}
