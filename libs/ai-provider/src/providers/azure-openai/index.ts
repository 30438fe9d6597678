import type { Secret } from '#kernel';
import type { Operation } from '../../contract/model-call.js';
import type { Authority, UpstreamRequest, UpstreamTarget } from '../../contract/provider-adapter.js';
import { endpointOf } from '../../request/base-url.js';
import type { Endpoint } from '../../request/base-url.js';
import { faultOf } from '../../request/structured-credential.js';
import { withHeader, withToken } from '../../request/with-token.js';
import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { limits } from '../openai/limits.js';
import { entraExchange } from './auth.js';
import { azureBaseUrl, azureCredential } from './credential.js';
import { azurePath, azureProbePath, operations } from './endpoints.js';
import { failureRules } from './failure.js';
import { rotation } from './rotation.js';

type ProbeTarget = Omit<UpstreamTarget, 'model'>;

/** OpenAI's wire format behind other paths and another authentication. */
class AzureOpenAiAdapter extends OpenAiCompatibleAdapter {
  override probe(target: ProbeTarget): UpstreamRequest {
    const { prefix } = this.endpoint(target);
    const { apiVersion } = azureCredential(target.credential);
    return { ...this.read(target, ''), path: azureProbePath(prefix, apiVersion) };
  }

  authorize(
    request: UpstreamRequest,
    { credential }: ProbeTarget,
    authority: Authority,
  ): UpstreamRequest | Promise<UpstreamRequest> {
    const { identity } = azureCredential(credential);
    return 'apiKey' in identity
      ? withHeader(request, 'api-key', identity.apiKey.reveal())
      : withToken(request, authority.token(credential, entraExchange(identity.application)));
  }

  protected override endpoint({ baseUrl, credential }: ProbeTarget): Endpoint {
    return endpointOf(azureBaseUrl(baseUrl, azureCredential(credential)));
  }

  protected override signed(headers: Record<string, string>): Record<string, string> {
    return headers;
  }

  protected override pathOf(prefix: string, operation: Operation, target: UpstreamTarget): string {
    return azurePath(prefix, operation, target.model, azureCredential(target.credential).apiVersion);
  }

  credentialFault(credential: Secret, baseUrl: string): string | null {
    return faultOf(() => azureBaseUrl(baseUrl, azureCredential(credential)));
  }
}

/** Azure OpenAI, and the OpenAI surface of Azure AI Foundry. */
export const azureOpenAi = new AzureOpenAiAdapter({
  kind: 'azure-openai',
  baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
  operations,
  modelsPath: null,
  // OpenAI's names; a reset is a bare number of seconds.
  limits,
  failureRules,
  promptCache: { minTokens: 1_024, ttlMs: 3_600_000 },
  // Counts the prompt and `max_tokens` at admission.
  answerHold: { unboundedTokens: 0 },
  rotation,
});
