import { hostFault, providerKinds } from '#ai-provider';
import { ConfigurationError, parseEnvironment, type GatewayConfig } from '#config';

/** Reads the environment once. @throws ConfigurationError listing every fault */
export function loadGatewayConfig(environment: NodeJS.ProcessEnv): GatewayConfig {
  const config = parseEnvironment(environment, { providerKinds, cwd: process.cwd() });
  refuseForbiddenHosts(config.upstream);
  return config;
}

/** What would be refused when a call is made is better refused at once. */
function refuseForbiddenHosts({ baseUrls, privateUpstreams }: GatewayConfig['upstream']): void {
  const faults = Object.entries(baseUrls).flatMap(([kind, url]) => {
    const fault = hostFault(new URL(url).hostname, privateUpstreams);
    const name = `${kind.toUpperCase().replaceAll('-', '_')}_BASE_URL`;
    return fault === null ? [] : [{ name, message: `must not point to a ${fault} address` }];
  });
  if (faults.length > 0) throw new ConfigurationError(faults);
}
