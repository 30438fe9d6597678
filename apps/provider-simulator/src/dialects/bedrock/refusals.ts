import type { Shortage } from '../../accounts/quota.js';
import type { Refusal, RefusalBody } from '../dialect.js';

const unrecognised = [
  'UnrecognizedClientException',
  'The security token included in the request is invalid.',
] as const;

const usual: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['ValidationException', 'The provided request is not valid.'],
  401: unrecognised,
  403: ['AccessDeniedException', "You don't have access to the model with the specified model ID."],
  404: [
    'ResourceNotFoundException',
    'Could not resolve the foundation model from the provided model identifier.',
  ],
  408: ['ModelTimeoutException', 'The request took too long to process.'],
  424: ['ModelErrorException', 'The request failed due to an error while processing the model.'],
  429: ['ThrottlingException', 'Too many requests, please wait before trying again.'],
  503: ['ServiceUnavailableException', 'Bedrock is unable to process your request.'],
};

/** A document `{"message"}`; the name of the exception stands in a header. */
function exception(status: number, type?: string, message?: string): RefusalBody {
  const [usualType, usualMessage] = usual[status] ?? [
    'InternalServerException',
    'The system encountered an unexpected error during processing. Try your request again.',
  ];
  return {
    status,
    headers: {
      'x-amzn-errortype': `${type ?? usualType}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    },
    body: { message: message ?? usualMessage },
  };
}

const wrongSignature =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

const notAccepted = (isUnproven: boolean): RefusalBody =>
  isUnproven ? exception(403, 'InvalidSignatureException', wrongSignature) : exception(403, ...unrecognised);

function limited({ view: { name } }: Shortage): RefusalBody {
  const what = name.startsWith('r') ? 'requests' : 'tokens';
  const span = name.endsWith('d') ? ' per day' : '';
  return exception(429, undefined, `Too many ${what}${span}, please wait before trying again.`);
}

/** Bedrock's words for each refusal. It has no limit headers and tells no time to wait. */
export function bedrockRefusal(refusal: Refusal): RefusalBody {
  switch (refusal.kind) {
    case 'no_key':
      return exception(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
    case 'key_not_accepted':
      return notAccepted(refusal.isUnproven ?? false);
    case 'no_such_path':
      return exception(404, 'UnknownOperationException', '');
    case 'nothing_kept':
      return exception(404);
    case 'model_unknown':
      return exception(400, 'ValidationException', 'The provided model identifier is invalid.');
    case 'invalid':
      return exception(400, 'ValidationException', refusal.message);
    case 'body_too_large':
      return exception(413, 'RequestEntityTooLargeException', 'The request is too large.');
    case 'credit_spent':
      return exception(
        400,
        'ServiceQuotaExceededException',
        'Your request exceeds the service quota for your account. To view your quotas, see the Service Quotas console.',
      );
    case 'limited':
      return limited(refusal.shortage);
    case 'too_many_at_once':
    case 'rate_limited_no_hint':
      return exception(429);
    case 'status':
      return exception(refusal.status);
  }
}
