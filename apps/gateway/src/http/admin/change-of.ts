import type { Type } from '@nestjs/common';
import { PartialType } from '@nestjs/swagger';

/** The body of a PATCH: each member may be left out, and is `null` only where the whole may have it so. */
export const ChangeOf = <Whole>(whole: Type<Whole>): Type<Partial<Whole>> =>
  PartialType(whole, { skipNullProperties: false });
