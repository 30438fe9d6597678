import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../scenario/fault.js';
import { ScenarioFault } from '../scenario/read-scenario.js';
import type { KeyAtProvider, Revocation } from '../scenario/read-scenario.js';
import type { Scenario } from '../scenario/scenario.js';
import { readBody } from '../serving/read-body.js';
import type { SimulatorControl } from './simulator-control.js';

type Handler = (control: SimulatorControl, body: unknown, argument: string) => unknown;

/** Routes under `/_control`; a trailing `*` is the handler's argument. The control checks what it is given. */
const routes: Readonly<Record<string, Handler>> = {
  'GET scenario': (control) => control.scenario(),
  'PUT scenario': (control, body) => control.setScenario(body as Scenario),
  'POST keys': (control, body) => control.upsertKey(body as KeyAtProvider),
  'POST revoke': (control, body) => control.revoke(body as Revocation),
  'GET faults': (control) => control.faults(),
  'POST faults': (control, body) => ({ id: control.addFault(body as Fault) }),
  'DELETE faults': (control) => control.clearFaults(),
  'DELETE faults/*': (control, _body, id) => ({ removed: control.removeFault(Number(id)) }),
  'POST reset': (control) => control.reset(),
  'GET report': (control) => control.report(),
  'GET last-request': (control) =>
    Object.fromEntries([...control.world.providers.keys()].map((name) => [name, control.lastRequest(name)])),
  'GET last-request/*': (control, _body, provider) => control.lastRequest(provider),
};

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value, null, 2));
}

/**
 * Answers one control call: 200 with JSON (`{"ok": true}` where there is nothing to tell), 400 with every fault
 * of the body, 404.
 *
 * @param path what follows `/_control/`
 */
export async function serveControl(
  control: SimulatorControl,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const [name = '', argument = ''] = path.split('/', 2);
  const handler = routes[`${request.method} ${argument === '' ? name : `${name}/*`}`];
  if (!handler) return send(response, 404, { error: `No ${request.method} /_control/${path}` });
  try {
    const parsed: unknown = body?.length ? JSON.parse(body.toString()) : undefined;
    send(response, 200, handler(control, parsed, decodeURIComponent(argument)) ?? { ok: true });
  } catch (error) {
    if (!isRequestFault(error)) throw error;
    send(response, 400, { error: error.message });
  }
}

const isRequestFault = (error: unknown): error is Error =>
  error instanceof ScenarioFault || error instanceof SyntaxError || error instanceof RangeError;
