import type { RunningGateway } from './start-gateway.js';

/** Tells a person at a terminal where things are; the generated admin key is shown here and never again. */
export function sayWhatToDoNext({ url, generatedAdminKey }: RunningGateway): void {
  const lines = [`Serving on ${url}. API documentation: ${url}/docs`];
  if (generatedAdminKey !== null) {
    lines.push(
      '',
      'Your admin key, shown only this once:',
      '',
      `  ${generatedAdminKey.reveal()}`,
      '',
      'Next: add a provider account, create a key for your callers, send a call:',
      '',
      `  curl ${url}/admin/v1/accounts -H "authorization: Bearer $ADMIN_KEY" -H 'content-type: application/json' \\`,
      `    -d '{"provider":"openai","name":"first","credential":"sk-..."}'`,
      `  curl ${url}/v1/chat/completions -H "authorization: Bearer $ADMIN_KEY" -H 'content-type: application/json' \\`,
      `    -d '{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}'`,
      '',
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
