import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { ChangeOf } from '../change-of.js';
import { PageDto } from '../paging.dto.js';

/** What a policy rotates. */
export class RotationTargetDto {
  @ApiProperty({ enum: ['api_key'], description: 'Accounts of providers are not rotated by a policy yet' })
  @IsIn(['api_key', 'account'])
  kind: 'api_key' | 'account';

  @ApiProperty({
    type: [String],
    maxItems: 500,
    example: [],
    description: 'Ids of API keys; a key has at most one policy',
  })
  @IsArray()
  @ArrayMaxSize(500)
  @IsUUID('all', { each: true })
  ids: string[];
}

/** How a new secret reaches who uses the key. */
export class RotationDeliveryDto {
  @ApiProperty({
    enum: ['claim', 'webhook'],
    description:
      'claim: for who presents a token of POST /rotations/{id}/claim-token; webhook: sent to an address, signed',
  })
  @IsIn(['claim', 'webhook'])
  kind: 'claim' | 'webhook';

  @ApiPropertyOptional({
    minimum: 60,
    maximum: 2_592_000,
    default: 604_800,
    description: 'Of a claim: how long it waits',
  })
  @IsOptional()
  @IsInt()
  claimSeconds?: number;

  @ApiPropertyOptional({
    maxLength: 2000,
    example: 'https://hooks.example.com/keys',
    description:
      'Of a webhook: https only, unless privateHosts is allow. Redirects are not followed. It is shown to who may read policies: no place for a secret',
  })
  @IsOptional()
  @IsString()
  url?: string;

  @ApiPropertyOptional({
    enum: ['allow', 'deny'],
    default: 'deny',
    description: 'Of a webhook: whether its receiver may have a private address, and be reached without TLS',
  })
  @IsOptional()
  @IsIn(['allow', 'deny'])
  privateHosts?: 'allow' | 'deny';
}

/** A new policy. */
export class CreateRotationPolicyDto {
  @ApiProperty({ minLength: 1, maxLength: 200, example: 'quarterly' })
  @IsString()
  name: string;

  @ApiProperty({ type: RotationTargetDto })
  @IsObject()
  @ValidateNested()
  @Type(() => RotationTargetDto)
  target: RotationTargetDto;

  @ApiProperty({
    minimum: 1,
    maximum: 730,
    example: 90,
    description: 'The age a secret has at most when its rotation begins',
  })
  @IsInt()
  everyDays: number;

  @ApiPropertyOptional({
    minimum: 0,
    maximum: 168,
    default: 24,
    description:
      'Within how many hours before that age rotations begin, each key at its own time; at most half of everyDays',
  })
  @IsOptional()
  @IsInt()
  windowHours?: number;

  @ApiPropertyOptional({
    minimum: 0,
    maximum: 7_776_000,
    default: 86_400,
    description:
      'How long the older secret goes on once the new one was handed over; never longer than the key',
  })
  @IsOptional()
  @IsInt()
  graceSeconds?: number;

  @ApiPropertyOptional({
    default: false,
    description:
      'Ends the older secret graceSeconds after the rotation began, whether the new one was handed over or not',
  })
  @IsOptional()
  @IsBoolean()
  hardDeadline?: boolean;

  @ApiPropertyOptional({
    type: [Number],
    default: [7, 3, 1],
    maxItems: 10,
    description: 'Days before, 1 to 365, at which to warn',
  })
  @IsOptional()
  @IsArray()
  @IsInt({ each: true })
  warnDays?: number[];

  @ApiProperty({ type: RotationDeliveryDto, example: { kind: 'claim' } })
  @IsObject()
  @ValidateNested()
  @Type(() => RotationDeliveryDto)
  delivery: RotationDeliveryDto;
}

/** A change of a policy; what is left out stays. A delivery that is given replaces the one before, with another signing secret. */
export class UpdateRotationPolicyDto extends ChangeOf(CreateRotationPolicyDto) {}

/** A policy by which keys are rotated. */
export class RotationPolicyDto {
  @ApiProperty()
  id: string;

  @ApiProperty({ example: 'quarterly' })
  name: string;

  @ApiProperty({ type: RotationTargetDto })
  target: RotationTargetDto;

  @ApiProperty({ example: 90 })
  everyDays: number;

  @ApiProperty({ example: 24 })
  windowHours: number;

  @ApiProperty({ example: 86_400 })
  graceSeconds: number;

  @ApiProperty({ example: false })
  hardDeadline: boolean;

  @ApiProperty({ type: [Number], example: [7, 3, 1] })
  warnDays: number[];

  @ApiProperty({ type: RotationDeliveryDto })
  delivery: RotationDeliveryDto;

  @ApiProperty({
    example: 'root',
    description:
      'Who said it last: the id of an API key, or root. Without a key that may still give those under the policy, nothing is rotated',
  })
  maker: string;

  @ApiProperty({
    type: Date,
    nullable: true,
    description: 'When the next of its keys is rotated; null: it has none',
  })
  nextDueAt: Date | null;

  @ApiProperty({ description: 'Send it as If-Match with a change' })
  version: number;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty()
  updatedAt: Date;
}

/** A policy just written. */
export class WrittenRotationPolicyDto extends RotationPolicyDto {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'whsec_…',
    description: 'What its webhooks are signed with (Standard Webhooks), shown this once; null: nothing new',
  })
  signingSecret: string | null;
}

/** A page of policies. */
export class RotationPolicyPageDto extends PageDto {
  @ApiProperty({ type: [RotationPolicyDto] })
  data: RotationPolicyDto[];
}
