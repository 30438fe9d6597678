import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { IsString, Length, Matches, Validate } from 'class-validator';
import type { RouteTiers } from '#ai-routing';
import { ChangeOf } from '../change-of.js';
import { PageDto } from '../paging.dto.js';
import { RouteTiersRule } from './route-tiers.rule.js';

const tiersExample = [
  [{ provider: 'openai', model: 'gpt-4o-mini', weight: 1 }],
  [{ provider: 'groq', model: 'llama-3.3-70b-versatile', weight: 1 }],
];
const tiersProperty: ApiPropertyOptions = {
  type: 'array',
  items: {
    type: 'array',
    items: {
      type: 'object',
      required: ['provider', 'model'],
      properties: {
        provider: { type: 'string' },
        model: { type: 'string' },
        weight: { type: 'number', default: 1 },
        contextTokens: {
          type: 'integer',
          description: 'Tokens the model takes; calls that a smaller one found too long go on to it',
        },
      },
    },
  },
  description: 'Tiers in order of trial; within a tier the targets share calls by weight',
  example: tiersExample,
};

/** A new route. */
export class CreateRouteDto {
  @ApiProperty({ example: 'fast', description: 'The model name callers use' })
  @IsString()
  @Length(1, 128)
  @Matches(/^[\w.:/@-]+$/, { message: 'name may hold letters, digits and . : / @ _ - only' })
  name: string;

  @ApiProperty(tiersProperty)
  @Validate(RouteTiersRule)
  tiers: RouteTiers;
}

/** A change of a route. */
export class UpdateRouteDto extends ChangeOf(CreateRouteDto) {}

/** A route. */
export class RouteDto {
  @ApiProperty()
  id: string;

  @ApiProperty({ example: 'fast' })
  name: string;

  @ApiProperty(tiersProperty)
  tiers: RouteTiers;

  @ApiProperty({ description: 'Send it as If-Match with a change' })
  version: number;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty()
  updatedAt: Date;
}

/** A page of routes. */
export class RoutePageDto extends PageDto {
  @ApiProperty({ type: [RouteDto] })
  data: RouteDto[];
}
