import { providerKinds } from '#ai-provider';
import { parseEnvironment, type GatewayConfig } from '#config';

/** Reads the environment once. @throws ConfigurationError listing every fault */
export function loadGatewayConfig(environment: NodeJS.ProcessEnv): GatewayConfig {
  return parseEnvironment(environment, { providerKinds, cwd: process.cwd() });
}
