import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { RedisSharingBus } from '../../../libs/provider-account-pool/src/sharing/redis-sharing-bus.js';
import { sharingBusContract } from '../../../libs/provider-account-pool/test-support/sharing-bus.contract.js';
import { hasRedis, startRedis } from '../../support/redis-server.js';
import { until } from '../../support/until.js';

const withRedis = hasRedis ? describe : describe.skip;

/** Once its own texts come back; whoever listens next hears nothing of that. */
async function open(url: Secret): Promise<RedisSharingBus> {
  const bus = new RedisSharingBus(url);
  await comesBack(bus, 'opened');
  return bus;
}

async function comesBack(bus: RedisSharingBus, text: string): Promise<void> {
  const heard = new Set<string>();
  bus.listen((one) => heard.add(one));
  let tried = 0;
  const send = (): Promise<boolean> => {
    bus.send(`${text} ${(tried += 1)}`);
    return Promise.resolve(heard.size > 0);
  };
  await until(send, (isHeard) => isHeard);
  await until(
    () => Promise.resolve(heard.has(`${text} ${tried}`)),
    (isHeard) => isHeard,
  );
}

withRedis('with a Redis', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.kill());

  sharingBusContract('a bus by Redis', async () => {
    const one = await open(server.url);
    const other = await open(server.url);
    return {
      one,
      other,
      cut: () => server.kill(),
      async mend() {
        server = await startRedis(server.port);
      },
    };
  });

  it('databases of one Redis are different gateways', async () => {
    const [one, other] = [
      await open(server.url),
      await open(new Secret(`redis://127.0.0.1:${server.port}/1`)),
    ];
    const heard: string[] = [];
    one.listen((text) => heard.push(text));
    other.send('of the other');
    await comesBack(other, 'end');
    await comesBack(one, 'own');
    expect(heard).toEqual([]);
    one.close();
    other.close();
  });
});
