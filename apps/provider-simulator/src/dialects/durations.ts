/** A duration as Go prints it and OpenAI and Groq send it: `0s`, `120ms`, `7.66s`, `6m0s`, `1h0m2.5s`. */
export function goDuration(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole === 0) return '0s';
  if (whole < 1000) return `${whole}ms`;
  const seconds = (whole % 60_000) / 1000;
  const minutes = Math.floor(whole / 60_000) % 60;
  const hours = Math.floor(whole / 3_600_000);
  return `${hours > 0 ? `${hours}h` : ''}${whole >= 60_000 ? `${minutes}m` : ''}${seconds}s`;
}

/** Whole seconds, rounded up, for `Retry-After`. */
export const wholeSeconds = (ms: number) => String(Math.ceil(ms / 1000));
