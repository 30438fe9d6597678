import { Global, Module } from '@nestjs/common';
import { CLOCK, RANDOM, systemClock } from '#kernel';

/** The real clock and real randomness, for everything that asks for them by token. */
@Global()
@Module({
  providers: [
    { provide: CLOCK, useValue: systemClock },
    { provide: RANDOM, useValue: Math.random },
  ],
  exports: [CLOCK, RANDOM],
})
export class ClockModule {}
