import type { FailureClass, FailureScope } from '#kernel';

/** Codes of our own for answers that arrived but cannot be used. */
export type UnusableAnswerCode =
  | 'ANSWER_NOT_JSON'
  | 'ANSWER_TOO_LARGE'
  | 'FIRST_OUTPUT_TIMEOUT'
  | 'STREAM_CUT'
  | 'STREAM_TOO_SLOW'
  | 'ADDRESS_REFUSED'
  | 'BASE_URL_INVALID';

interface Verdict {
  readonly name: string;
  readonly class: FailureClass;
  readonly scope: FailureScope;
}

const verdicts: readonly (Verdict & { readonly code: RegExp })[] = [
  {
    name: 'client_abort',
    class: 'unknown',
    scope: 'request',
    code: /^(AbortError|ABORT_ERR|UND_ERR_ABORTED)$/,
  },
  { name: 'timeout', class: 'timeout', scope: 'provider', code: /TIMEOUT|TIMEDOUT|TimeoutError/ },
  { name: 'too_slow', class: 'timeout', scope: 'model_on_account', code: /^STREAM_TOO_SLOW$/ },
  { name: 'answer_too_large', class: 'server_error', scope: 'request', code: /^ANSWER_TOO_LARGE$/ },
  {
    name: 'answer_unusable',
    class: 'server_error',
    scope: 'provider',
    code: /^(ANSWER_NOT_JSON|STREAM_CUT)$/,
  },
  {
    name: 'wrong_address',
    class: 'transport',
    scope: 'account',
    code: /^(ADDRESS_REFUSED|BASE_URL_INVALID|ERR_TLS_CERT_ALTNAME_INVALID|EPROTO|HPE_\w+)$/,
  },
];
const broken: Verdict = { name: 'connection', class: 'transport', scope: 'provider' };

/** What it means that there was no answer, or none that could be used. */
export const transportVerdict = (code: string): Verdict =>
  verdicts.find((verdict) => verdict.code.test(code)) ?? broken;
