import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsNumber, IsOptional } from 'class-validator';
import { PageDto } from '../paging.dto.js';

/** How a key is to be rotated. */
export class RotateDto {
  @ApiPropertyOptional({
    minimum: 0,
    maximum: 7_776_000,
    default: 86_400,
    description:
      'How long the secret in use goes on beside the new one; with emergency 0 unless said otherwise',
  })
  @IsOptional()
  @IsNumber()
  graceSeconds?: number;

  @ApiPropertyOptional({
    default: false,
    description: 'Ends a rotation under way, or else the secret in use, at once',
  })
  @IsOptional()
  @IsBoolean()
  emergency?: boolean;
}

/** A rotation just asked for. */
export class RotatedDto {
  @ApiProperty()
  rotationId: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'The new secret, shown this once; null: the request was done before, longer ago than answers are kept',
  })
  secret: string | null;

  @ApiProperty({ description: 'When the last of the earlier secrets ends' })
  previousValidUntil: Date;
}

/** A change of a secret. */
export class RotationDto {
  @ApiProperty()
  id: string;

  @ApiProperty({ enum: ['api_key'] })
  resourceKind: string;

  @ApiProperty({ description: 'Of the API key' })
  resourceId: string;

  @ApiProperty({ enum: ['manual', 'emergency', 'scheduled'] })
  cause: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Of the policy; null: by hand, or the policy is gone',
  })
  policyId: string | null;

  @ApiProperty({
    enum: ['delivering', 'awaiting_claim', 'overlapping', 'done', 'failed', 'aborted'],
    description: 'overlapping: the new secret was handed over, and an earlier one is valid beside it',
  })
  state: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'http_503',
    description: 'Why it failed or was aborted, or why the latest delivery was in vain',
  })
  reason: string | null;

  @ApiProperty({
    type: Date,
    nullable: true,
    description: 'When the last of the earlier secrets ends; null: not before the new one is handed over',
  })
  previousValidUntil: Date | null;

  @ApiProperty({ description: 'Deliveries tried' })
  attempts: number;

  @ApiProperty({
    type: Date,
    nullable: true,
    description: 'When it is delivered again, or until when it may be claimed; null: it has ended',
  })
  nextLookAt: Date | null;

  @ApiProperty()
  createdAt: Date;
}

/** What a new secret is claimed by. */
export class ClaimTokenDto {
  @ApiProperty({
    example: 'pap_claim_…',
    description: 'Shown this once; one made before is good for nothing',
  })
  claimToken: string;

  @ApiProperty({ description: 'Until when the secret may be claimed' })
  expiresAt: Date;
}

/** A page of rotations. */
export class RotationPageDto extends PageDto {
  @ApiProperty({ type: [RotationDto] })
  data: RotationDto[];
}
