/**
 * The `data` of each server-sent event, in order; lines of one event are joined, comments and other fields left out.
 *
 * @param chunks bytes cut anywhere, also inside a character
 */
export async function* sseData(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split(/\r?\n\r?\n/);
    text = events.pop() ?? '';
    for (const event of events) yield* dataOf(event);
  }
  yield* dataOf(text + decoder.decode());
}

function dataOf(event: string): string[] {
  const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? [] : [lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n')];
}
