import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

/** What a new secret is claimed by. */
export class ClaimDto {
  @ApiProperty({ maxLength: 200, example: 'pap_claim_…' })
  @IsString()
  @MaxLength(200)
  token: string;
}

/** A secret that was claimed. */
export class ClaimedDto {
  @ApiProperty()
  rotationId: string;

  @ApiProperty()
  apiKeyId: string;

  @ApiProperty({ description: 'The new secret, shown this once' })
  secret: string;

  @ApiProperty({ description: 'When the older one ends' })
  previousValidUntil: Date;
}
