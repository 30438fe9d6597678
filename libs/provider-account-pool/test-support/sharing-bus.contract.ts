import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../test/support/until.js';
import type { SharingBus } from '../src/sharing/sharing-bus.js';

/** Two replicas' ways to the same channel, both open. */
export interface BusesUnderTest {
  readonly one: SharingBus;
  readonly other: SharingBus;
  /** Nothing gets through from now on, until it is mended. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/** What a bus hears, with somebody who waits for a text. */
class Listener {
  readonly heard: string[] = [];
  private readonly waiting: (() => void)[] = [];

  constructor(bus: SharingBus) {
    bus.listen((text) => {
      this.heard.push(text);
      for (const wake of this.waiting.splice(0)) wake();
    });
  }

  async until(text: string): Promise<readonly string[]> {
    while (!this.heard.includes(text)) await new Promise<void>((resolve) => void this.waiting.push(resolve));
    return this.heard;
  }
}

/** What every bus must do. */
export function sharingBusContract(name: string, open: () => Promise<BusesUnderTest>): void {
  describe(name, () => {
    let buses: BusesUnderTest;
    beforeEach(async () => {
      buses = await open();
    });
    afterEach(() => {
      buses.one.close();
      buses.other.close();
    });

    it('brings what one sends to all, itself too, in order', async () => {
      const [own, other] = [new Listener(buses.one), new Listener(buses.other)];
      for (const text of ['a', 'b', 'ä ☃ end']) buses.one.send(text);
      expect(await own.until('ä ☃ end')).toEqual(['a', 'b', 'ä ☃ end']);
      expect(await other.until('ä ☃ end')).toEqual(['a', 'b', 'ä ☃ end']);
    });

    it('loses what is sent while it is away, without a word, and goes on when it is back', async () => {
      const other = new Listener(buses.other);
      await buses.cut();
      buses.one.send('lost');
      buses.one.renew();
      await buses.mend();
      const heard = await until(
        () => {
          buses.one.send('again');
          return Promise.resolve(other.heard);
        },
        ({ length }) => length > 0,
      );
      expect(new Set(heard)).toEqual(new Set(['again']));
    });

    it('brings nothing to one that is closed', async () => {
      const [own, other] = [new Listener(buses.one), new Listener(buses.other)];
      buses.other.close();
      buses.other.send('closed');
      buses.one.send('open');
      expect(await own.until('open')).toEqual(['open']);
      expect(other.heard).toEqual([]);
    });
  });
}
