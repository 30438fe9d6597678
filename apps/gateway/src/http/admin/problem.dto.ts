import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { errorCodes } from '#kernel';

/** One fault of several. */
export class FaultDto {
  @ApiProperty({ example: 'limits.rpm' })
  field: string;

  @ApiProperty({ example: 'limits.rpm must not be less than 1' })
  message: string;
}

/** RFC 9457 problem details. */
export class ProblemDto {
  @ApiProperty({ example: 'urn:provider-account-pool:error:not_found' })
  type: string;

  @ApiProperty({ example: 'There is no such route or resource.' })
  title: string;

  @ApiProperty({ example: 404 })
  status: number;

  @ApiProperty({ example: 'There is no route 7.' })
  detail: string;

  @ApiProperty({ enum: Object.keys(errorCodes), example: 'not_found' })
  code: string;

  @ApiProperty({ example: '019a9d5e-6d0c-7b0e-9b1c-2f4f6c1f0a11' })
  requestId: string;

  @ApiPropertyOptional({ example: 'limits.rpm' })
  field?: string;

  @ApiPropertyOptional({ type: [FaultDto] })
  faults?: FaultDto[];
}
