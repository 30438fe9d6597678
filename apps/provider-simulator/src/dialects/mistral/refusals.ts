import type { Refusal, RefusalBody, Situation } from '../dialect.js';
import { compatible } from '../compatible.js';

/** An answer `{"object": "error", message, type, param, code}`; codes are texts of four digits. */
const mistralError = (
  status: number,
  message: string,
  type: string,
  code: string,
  param: string | null = null,
): RefusalBody => ({
  status,
  body: { object: 'error', message, type, param, code, raw_status_code: status },
});

/** Mistral's words, flat where OpenAI's are nested; a missing key is told by whoever stands before its API. */
export function mistralRefusal(refusal: Refusal, situation: Situation): RefusalBody {
  const { status } = refusal.kind === 'status' ? refusal : compatible.refuse(refusal, situation);
  if (refusal.kind === 'invalid')
    return mistralError(400, refusal.message, 'invalid_request_invalid_args', '1700', refusal.param);
  if (refusal.kind === 'model_unknown')
    return mistralError(400, `Invalid model: ${refusal.model}`, 'invalid_model', '1500');
  if (status === 401) {
    return { status, body: { message: 'Unauthorized', request_id: situation.requestId } };
  }
  if (status === 429) return mistralError(429, 'Rate limit exceeded', 'rate_limited', '1300');
  if (status === 503) {
    const message = 'Service tier capacity exceeded for this model.';
    return mistralError(503, message, 'service_tier_capacity_exceeded', '3505');
  }
  return status < 500
    ? mistralError(status, 'Invalid request', 'invalid_request_error', '3000')
    : mistralError(status, 'Internal server error', 'internal_server_error', '3000');
}
